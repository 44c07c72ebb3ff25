// Lists: the filter is built in rows and becomes the text in the address; columns are put in order.
"use strict";
(() => {
  const make = (tag, className, text) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const options = (select, pairs, chosen) => {
    for (const [value, words] of pairs) {
      const option = make("option", "", words);
      option.value = value;
      option.selected = [].concat(chosen ?? []).includes(value);
      select.append(option);
    }
    return select;
  };
  const iconButton = (name, label) => {
    const button = make("button", "icon-btn is-small");
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    const sprite = document.querySelector("use")?.getAttribute("href").split("#")[0] || "";
    svg.setAttribute("class", "i i-small");
    use.setAttribute("href", `${sprite}#${name}`);
    svg.append(use);
    button.type = "button";
    button.setAttribute("aria-label", label);
    button.append(svg);
    return button;
  };

  // The text of a filter, as gtmos/kernel/lists/filters.py reads it.
  const PLAIN = /^[^,|():;"\\\s](?:[^,|():;"\\]*[^,|():;"\\\s])?$/;
  const written = (value) => (PLAIN.test(value) ? value : `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`);
  const formatted = (part) => {
    if (part.parts) return part.parts.map((each) => (each.parts ? `(${formatted(each)})` : formatted(each))).join(part.mode === "any" ? "|" : ",");
    const head = `${part.field}:${part.operator}`;
    return part.values.length ? `${head}:${part.values.map(written).join(";")}` : head;
  };

  class Builder {
    constructor(form) {
      this.form = form;
      this.fields = JSON.parse(form.dataset.fields);
      this.byKey = new Map(this.fields.map((each) => [each.key, each]));
      this.rows = form.querySelector("[data-builder-rows]");
      const tree = JSON.parse(form.dataset.tree);
      this.draw(tree.parts.length ? tree : { mode: "all", parts: [this.fresh()] });
    }
    fresh() { return { field: this.fields[0].key, operator: this.fields[0].operators[0].key, values: [] }; }
    draw(tree) {
      this.tree = tree;
      this.rows.replaceChildren(...tree.parts.map((part, place) => (part.parts ? this.group(part, tree, place) : this.condition(part, tree, place))));
    }
    // Drawn anew under the hand of somebody with a keyboard: the focus stays where it was.
    again(focus) {
      const all = () => [...this.rows.querySelectorAll("select, input, button")];
      const at = all().indexOf(document.activeElement);
      this.draw(this.tree);
      const next = focus ? this.rows.querySelector(focus) : all()[at];
      (next || this.form.querySelector("[data-builder-add]")).focus();
    }
    joint(owner, place) {
      if (place === 0) return make("span", "small muted", "Where");
      const select = options(make("select"), [["all", "and"], ["any", "or"]], owner.mode);
      select.setAttribute("aria-label", "And or or");
      select.disabled = place > 1;
      select.addEventListener("change", () => { owner.mode = select.value; this.again(); });
      return select;
    }
    without(owner, place) {
      const button = iconButton("x", "Take this condition away");
      button.addEventListener("click", () => { owner.parts.splice(place, 1); this.tree.parts = this.tree.parts.filter((part) => !part.parts || part.parts.length); this.again("select"); });
      return button;
    }
    group(group, owner, place) {
      const box = make("div", "group");
      box.setAttribute("role", "group");
      const head = make("div", "row gap-6");
      const add = make("button", "btn btn-quiet", "Condition in this group");
      add.type = "button";
      add.addEventListener("click", () => { group.parts.push(this.fresh()); this.again(); });
      head.append(this.joint(owner, place), make("span", "grow"), this.without(owner, place));
      box.append(head, ...group.parts.map((part, at) => (part.parts ? make("p", "small muted", `(${formatted(part)})`) : this.condition(part, group, at))), add);
      return box;
    }
    condition(part, owner, place) {
      const row = make("div", "condition");
      const field = this.byKey.get(part.field) || { operators: [], choices: [], spans: [], kind: "text", label: part.field };
      const known = this.fields.map((each) => [each.key, each.label]);
      const which = options(make("select"), this.byKey.has(part.field) ? known : [[part.field, part.field], ...known], part.field);
      which.setAttribute("aria-label", "Field");
      which.addEventListener("change", () => {
        const next = this.byKey.get(which.value);
        Object.assign(part, { field: next.key, operator: next.operators[0].key, values: [] });
        this.again();
      });
      const how = options(make("select"), field.operators.map((each) => [each.key, each.words]), part.operator);
      how.setAttribute("aria-label", "Compared how");
      how.addEventListener("change", () => { part.operator = how.value; part.values = []; this.again(); });
      row.append(this.joint(owner, place), which, how, this.values(part, field), this.without(owner, place));
      return row;
    }
    values(part, field) {
      const box = make("span", "values");
      const operator = field.operators.find((each) => each.key === part.operator) || { values: 1 };
      const keep = (at, value) => { part.values[at] = value; };
      if (operator.values === 0) return box;
      const pairs = part.operator === "during" ? field.spans : field.choices;
      const inDays = ["in_last", "in_next", "not_in_last"].includes(part.operator);
      if (pairs.length && !inDays && (part.operator === "during" || !["date", "moment", "text", "number"].includes(field.kind))) {
        const select = options(make("select"), operator.values < 0 ? pairs : [["", "Choose"], ...pairs], part.values);
        select.multiple = operator.values < 0;
        select.setAttribute("aria-label", "Value");
        select.addEventListener("change", () => { part.values = [...select.selectedOptions].map((each) => each.value).filter(Boolean); });
        box.append(select);
        return box;
      }
      const many = operator.values < 0;
      for (let at = 0; at < (many ? 1 : operator.values); at += 1) {
        const input = make("input");
        input.type = inDays ? "number" : "text";
        input.value = many ? part.values.join("; ") : part.values[at] || "";
        input.setAttribute("aria-label", "Value");
        input.placeholder = { date: "2026-03-01 or today-30", moment: "2026-03-01 or today-30" }[field.kind] || (many ? "one; two; three" : "");
        if (inDays) { input.min = "1"; input.placeholder = "30"; }
        input.addEventListener("input", () => {
          if (many) part.values = input.value.split(";").map((each) => each.trim()).filter(Boolean);
          else keep(at, input.value.trim());
        });
        box.append(input);
      }
      return box;
    }
    add(part) { this.tree.parts.push(part); this.again(); this.rows.lastElementChild?.querySelector("select[aria-label=Field]")?.focus(); }
    // Rows that were not filled in are left out.
    finished(part) {
      if (part.parts) {
        const parts = part.parts.map((each) => this.finished(each)).filter(Boolean);
        return parts.length ? { mode: part.mode, parts } : null;
      }
      const operator = this.byKey.get(part.field)?.operators.find((each) => each.key === part.operator);
      const values = part.values.filter((each) => each !== undefined && each !== "");
      const enough = !operator || (operator.values < 0 ? values.length > 0 : values.length === operator.values);
      return enough ? { ...part, values } : null;
    }
    show(tree) {
      const done = this.finished(tree) || { mode: "all", parts: [] };
      const query = new URLSearchParams({ ...JSON.parse(this.form.dataset.rest), where: formatted(done) });
      const address = `${this.form.dataset.here}?${query.toString().replaceAll("%3A", ":").replaceAll("%2C", ",").replaceAll("%28", "(").replaceAll("%29", ")").replaceAll("%7C", "|").replaceAll("%3B", ";")}`;
      window.htmx.ajax("GET", address, { target: this.form.dataset.list, swap: "outerHTML" }).then(() => {
        history.pushState({ htmx: true }, "", address);
        document.querySelector(`${this.form.dataset.list} [data-builder]`)?.focus();
      });
    }
  }

  const built = new WeakMap();
  function build(root, isAsked) {
    for (const form of root.querySelectorAll?.("[data-filter-builder]") || []) {
      if (built.has(form)) continue;
      built.set(form, new Builder(form));
      if (isAsked) form.querySelector("select[aria-label=Field]")?.focus();
    }
  }
  document.addEventListener("htmx:afterSwap", (event) => build(event.detail.target, true));
  document.addEventListener("DOMContentLoaded", () => build(document, false));
  document.addEventListener("submit", (event) => {
    const builder = built.get(event.target);
    if (!builder) return;
    event.preventDefault();
    builder.show(builder.tree);
  });
  document.addEventListener("click", (event) => {
    const form = event.target.closest?.("[data-filter-builder]");
    const builder = form && built.get(form);
    if (!builder) return;
    if (event.target.closest("[data-builder-add]")) builder.add(builder.fresh());
    if (event.target.closest("[data-builder-group]")) builder.add({ mode: "any", parts: [builder.fresh(), builder.fresh()] });
    if (event.target.closest("[data-builder-clear]")) builder.show({ mode: "all", parts: [] });
    if (event.target.closest("[data-builder-close]")) form.remove();
  });
  document.addEventListener("keydown", (event) => {
    const form = event.key === "Escape" && event.target.closest?.("[data-filter-builder]");
    if (!form) return;
    event.preventDefault();
    document.querySelector(`${form.dataset.list} [data-builder]`)?.focus();
    form.remove();
  });

  // Columns: up and down with buttons.
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-sorted-up], [data-sorted-down]");
    const row = button?.closest("[data-sorted-row]");
    if (!row) return;
    const other = button.matches("[data-sorted-up]") ? row.previousElementSibling : row.nextElementSibling;
    if (!other?.matches("[data-sorted-row]")) return;
    if (button.matches("[data-sorted-up]")) other.before(row); else other.after(row);
    button.focus();
  });
})();
// A list that was changed by something beside it is read again where it stands; a dialog that did its work goes.
"use strict";
(() => {
  function again(list) {
    const place = document.querySelector(list);
    if (place) window.htmx.ajax("GET", location.pathname + location.search, { target: place, swap: "outerHTML" });
  }
  document.addEventListener("list-changed", (event) => {
    document.querySelector("dialog[open]:has([data-closes])")?.close();
    again(event.detail.list);
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "dialogs" || !event.detail.target.querySelector("[data-list-changed]")) return;
    const list = document.querySelector("[data-list-of]");
    if (list) again(`#${list.id}`);
  });
})();
