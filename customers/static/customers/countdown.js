// Counts a revealed value's seconds down and takes it off the page when they are over. Leaving the page is for its
// Refresh header alone: two who leave would cut each other's way off.
"use strict";

const counter = document.querySelector(".countdown");
if (counter) {
  const ends = Date.now() + Number(counter.dataset.seconds) * 1000;
  const shown = counter.querySelector("b");
  const hide = () => { document.getElementById("revealed").textContent = "•••"; };
  const tick = () => {
    const left = Math.ceil((ends - Date.now()) / 1000);
    shown.textContent = String(Math.max(left, 0));
    if (left > 0) return;
    clearInterval(ticking);
    hide();
  };
  const ticking = setInterval(tick, 250);
  counter.hidden = false;
  tick();
  // A page brought back from the browser's memory shows nothing.
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    hide();
    location.replace(counter.dataset.page);
  });
}
