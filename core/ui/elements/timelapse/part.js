// Photos of one place one after the other. It never starts by itself; the slider is a native range input.
export default function ({ parentElement, data }) {
  const get = (s) => parentElement.querySelector(s);
  const figure = get("figure"), range = get("input"), play = get(".play"), under = get(".under"), over = get(".over");
  const known = JSON.stringify(data);
  if (figure.dataset.known === known) return;
  figure.dataset.known = known;
  clearInterval(figure.timer);
  const frames = data.frames, last = frames.length - 1;
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  get(".stage").style.setProperty("--ratio", data.ratio);
  get("figcaption").textContent = data.caption;
  range.max = last;
  range.setAttribute("aria-label", data.caption);
  let shown = -1;
  const show = (at) => {
    if (at === shown) return;
    const frame = frames[at];
    if (shown >= 0) under.src = frames[shown].src;
    over.classList.remove("in");
    over.src = frame.src;
    over.alt = frame.alt;
    void over.offsetWidth; // so that fading begins anew
    over.classList.add("in");
    get(".tag").textContent = frame.text;
    range.value = at;
    range.setAttribute("aria-valuetext", frame.alt);
    figure.dataset.at = shown = at;
  };
  const pause = () => {
    clearInterval(figure.timer);
    figure.timer = 0;
    play.textContent = data.play;
  };
  play.onclick = () => {
    if (figure.timer) return pause();
    if (calm.matches) return;
    if (shown === last) show(0);
    play.textContent = data.pause;
    figure.timer = setInterval(() => {
      if (!figure.isConnected) return clearInterval(figure.timer);
      if (shown === last) return pause();
      show(shown + 1);
    }, 700);
  };
  const step = (by) => { pause(); show(Math.min(last, Math.max(0, shown + by))); };
  get(".back").onclick = () => step(-1);
  get(".on").onclick = () => step(1);
  range.oninput = () => { pause(); show(Number(range.value)); };
  calm.addEventListener("change", () => calm.matches && pause());
  pause();
  show(last);
}
