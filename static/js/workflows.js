// The form of a workflow: lines are added, moved and removed; each step shows the boxes of its action; only fields of the chosen event are offered.
"use strict";
(() => {
  const lists = "[data-workflow-lines]";
  const lineOf = (node) => node.closest("[data-workflow-line]");
  const linesIn = (list) => [...list.children].filter((each) => each.matches("[data-workflow-line]"));

  function renumber(list) {
    const prefix = list.dataset.workflowLines;
    linesIn(list).forEach((line, place) => {
      const begins = new RegExp(`^${prefix.replace(/[-.]/g, "\\$&")}-(?:\\d+|N)-`);
      const now = `${prefix}-${place}-`;
      const rename = (root) => {
        for (const each of root.querySelectorAll("[name]")) each.name = each.name.replace(begins, now);
        for (const each of root.querySelectorAll(lists)) each.dataset.workflowLines = each.dataset.workflowLines.replace(begins, now);
        for (const each of root.querySelectorAll("template")) rename(each.content);
      };
      rename(line);
    });
  }

  function showParts(line) {
    const chosen = line.querySelector("[data-workflow-do]").value;
    for (const part of line.querySelectorAll("[data-workflow-part]")) part.hidden = part.dataset.workflowPart !== chosen;
  }

  function indent(list) {
    let depth = 0;
    for (const line of linesIn(list)) {
      const select = line.querySelector("[data-workflow-do]");
      if (!select) return;
      const closes = select.value === "otherwise" || select.value === "end";
      if (closes) depth = Math.max(0, depth - 1);
      line.className = line.className.replace(/wf-depth-\d/, `wf-depth-${Math.min(depth, 4)}`);
      if (select.value === "branch" || select.value === "ask_approval" || select.value === "otherwise") depth += 1;
    }
  }

  function offer(form) {
    const event = form.querySelector("[name=event_name]");
    const root = form.querySelector("[data-workflow-offers]");
    if (!event || !root) return;
    const known = JSON.parse(root.dataset.workflowOffers)[event.value];
    if (!known) return;
    const fits = (name) => known.includes(name) || (name.includes(".") && known.includes(`${name.split(".")[0]}.`));
    for (const option of form.querySelectorAll("[data-workflow-field] option")) {
      const isOpen = !option.value || option.selected || fits(option.value);
      option.hidden = option.disabled = !isOpen;
    }
    for (const group of form.querySelectorAll("[data-workflow-field] optgroup")) {
      group.hidden = ![...group.children].some((each) => !each.hidden);
    }
  }

  function refresh(form) {
    for (const each of form.querySelectorAll(lists)) {
      renumber(each);
      indent(each);
    }
    for (const each of form.querySelectorAll("[data-workflow-step]")) showParts(each);
    for (const each of form.querySelectorAll("[data-workflow-add], [data-workflow-remove], [data-workflow-up], [data-workflow-down]")) each.hidden = false;
    offer(form);
  }

  function onClick(event) {
    const button = event.target.closest("button");
    const form = button && button.closest("form");
    if (!form) return;
    const line = lineOf(button);
    let next = button; // where the keyboard goes on
    if (button.matches("[data-workflow-add]")) {
      const blank = button.previousElementSibling;
      const list = blank.previousElementSibling;
      list.append(blank.content.cloneNode(true));
      next = firstBox(list.lastElementChild);
    } else if (button.matches("[data-workflow-remove]")) {
      const beside = line.nextElementSibling || line.previousElementSibling;
      const list = line.parentElement;
      line.remove();
      next = beside ? firstBox(beside) : list.parentElement.querySelector(":scope > [data-workflow-add]");
    } else if (button.matches("[data-workflow-up]") && line.previousElementSibling) line.previousElementSibling.before(line);
    else if (button.matches("[data-workflow-down]") && line.nextElementSibling) line.nextElementSibling.after(line);
    else return;
    refresh(form);
    if (next) next.focus();
  }

  const firstBox = (line) => line.querySelector("[data-workflow-do], [data-workflow-field]");

  // Whoever chooses “If” gets a line for what is done and its end at once.
  function close(select) {
    const line = lineOf(select);
    const list = line.parentElement;
    const chosen = linesIn(list).map((each) => each.querySelector("[data-workflow-do]").value);
    const opened = chosen.filter((each) => each === "branch" || each === "ask_approval").length;
    if (select.value !== "branch" && select.value !== "ask_approval") return;
    if (chosen.filter((each) => each === "end").length >= opened) return;
    const blank = list.parentElement.querySelector(":scope > [data-workflow-blank]");
    const copy = () => blank.content.cloneNode(true).firstElementChild;
    const end = copy();
    end.querySelector("[data-workflow-do]").value = "end";
    const following = line.nextElementSibling;
    const isEmpty = following && !following.querySelector("[data-workflow-do]").value;
    if (!isEmpty) line.after(copy());
    line.nextElementSibling.after(end);
  }

  document.addEventListener("click", onClick);
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form");
    if (!form || !event.target.matches("[data-workflow-do], [name=event_name]")) return;
    if (event.target.matches("[data-workflow-do]")) close(event.target);
    refresh(form);
  });
  const start = () => document.querySelectorAll("form:has([data-workflow-lines])").forEach(refresh);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
