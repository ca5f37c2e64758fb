"""What does not fit on a page: sideways scrolling, and text that is cut off or spills out of its box."""

from __future__ import annotations

from playwright.sync_api import Page

WIDTHS = (360, 768, 1280, 1920)

MISFITS = """() => {
  const found = [], unseen = new WeakSet(), wide = document.documentElement.clientWidth;
  const over = document.documentElement.scrollWidth - wide;
  if (over > 0) found.push(`the page is ${over} px too wide`);
  const named = (box) => box.tagName.toLowerCase() + [...box.classList].map((name) => "." + name).join("");
  for (const box of document.body.querySelectorAll("*")) {
    const style = getComputedStyle(box), place = box.getBoundingClientRect();
    if (unseen.has(box.parentElement) || style.clipPath !== "none" || style.opacity === "0" || !box.checkVisibility()) {
      unseen.add(box);
      continue;
    }
    if (box.closest("svg, option") || place.width < 2 || place.bottom < 0) continue;
    const what = `${named(box.parentElement)} > ${named(box)} “${box.textContent.trim().slice(0, 30)}”`;
    if (place.right > wide + 1 || place.left < -1) found.push(`${what} sticks out`);
    const scrolls = /auto|scroll/.test(style.overflowX) || style.display === "inline" || box.tagName === "INPUT";
    if (box.clientWidth && !scrolls && box.scrollWidth > box.clientWidth + 1)
      found.push(`${what} is ${box.scrollWidth - box.clientWidth} px too wide for its box`);
    if (/hidden|clip/.test(style.overflowY) && box.scrollHeight > box.clientHeight + 1)
      found.push(`${what} is cut off`);
  }
  return [...new Set(found)].slice(0, 4);
}"""


def misfits(page: Page) -> list[str]:
    """What does not fit at any of the widths, each with its width."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        found += [f"{width} px: {what}" for what in page.evaluate(MISFITS)]
    return found
