// What a person with other eyes or without a mouse would miss on this page; a list of sentences.
() => {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const brush = canvas.getContext("2d", { willReadFrequently: true });
  const channels = (colour) => {
    brush.clearRect(0, 0, 1, 1);
    brush.fillStyle = colour;
    brush.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = brush.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  };
  const over = (top, ground) => [0, 1, 2].map((place) => top[place] * top[3] + ground[place] * (1 - top[3]));
  const light = (colour) => colour.slice(0, 3).map((each) => each / 255)
    .map((each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4))
    .reduce((sum, each, place) => sum + each * [0.2126, 0.7152, 0.0722][place], 0);
  const contrast = (one, two) => {
    const [dark, bright] = [light(one), light(two)].sort((a, b) => a - b);
    return (bright + 0.05) / (dark + 0.05);
  };
  const groundOf = (element) => {
    const layers = [];
    for (let each = element; each; each = each.parentElement) {
      const colour = channels(getComputedStyle(each).backgroundColor);
      if (colour[3] > 0) layers.push(colour);
      if (colour[3] === 1) break;
    }
    return layers.reduceRight((ground, layer) => over(layer, ground), [255, 255, 255]);
  };
  const isSeen = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true })
    && !element.closest(".unseen, .skip, .mirror, [disabled], [aria-disabled=true], svg");
  const where = (element) => `${element.tagName.toLowerCase()}.${element.getAttribute("class") || ""} “${(element.textContent || "").trim().slice(0, 40)}”`;
  const found = [];

  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const element = words.currentNode.parentElement;
    if (!words.currentNode.data.trim() || !isSeen(element)) continue;
    const ground = groundOf(element);
    const ratio = contrast(over(channels(getComputedStyle(element).color), ground), ground);
    if (ratio < 4.5) found.push(`contrast ${ratio.toFixed(2)}: ${where(element)}`);
  }
  for (const control of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea")) {
    if (!control.checkVisibility()) continue;
    const label = control.labels?.[0]?.textContent || "";
    const name = [control.getAttribute("aria-label"), label, control.textContent, control.title].some((each) => each?.trim());
    if (!name) found.push(`no name: ${where(control)} ${control.outerHTML.slice(0, 120)}`);
  }
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  for (const id of new Set(ids.filter((each, place) => ids.indexOf(each) !== place))) found.push(`twice: #${id}`);
  return [...new Set(found)];
}
