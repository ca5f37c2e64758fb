"""What does not fit on a page: sideways scrolling, and text that is cut off or spills out of its box."""

from __future__ import annotations

from playwright.sync_api import Page

WIDTHS = (360, 768, 1920, 1280)
"""The last one is the width at which a page is looked at otherwise, and stays."""

MISFITS = """() => {
  const found = new Set(), unseen = new WeakSet(), wide = document.documentElement.clientWidth;
  const over = document.documentElement.scrollWidth - wide;
  if (over > 0) found.add(`the page is ${over} px too wide`);
  const named = (box) => box.tagName.toLowerCase() + [...box.classList].map((name) => "." + name).join("");
  const say = (box, what) => found.add(
    `${named(box.parentElement)} > ${named(box)} “${box.textContent.trim().slice(0, 30)}” ${what}`
  );
  for (const box of document.body.querySelectorAll("*")) {
    const style = getComputedStyle(box), place = box.getBoundingClientRect();
    if (unseen.has(box.parentElement) || style.clipPath !== "none" || style.opacity === "0" || !box.checkVisibility()) {
      unseen.add(box);
      continue;
    }
    if (place.width < 2 || place.bottom < 0 || box.closest("svg, option")) continue;
    if (place.right > wide + 1 || place.left < -1) say(box, "sticks out");
    const scrolls = /auto|scroll/.test(style.overflowX) || style.display === "inline" || box.tagName === "INPUT";
    if (box.clientWidth && !scrolls && box.scrollWidth > box.clientWidth + 1)
      say(box, `is ${box.scrollWidth - box.clientWidth} px too wide for its box`);
    if (/hidden|clip/.test(style.overflowY) && box.scrollHeight > box.clientHeight + 1) say(box, "is cut off");
  }
  return [...found].slice(0, 4);
}"""


def misfits(page: Page) -> list[str]:
    """What does not fit at any of the widths, each with its width."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        found += [f"{width} px: {what}" for what in page.evaluate(MISFITS)]
    return found
