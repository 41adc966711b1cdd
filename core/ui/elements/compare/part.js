// Two pictures under one slider. The control is a native range input: mouse, touch, arrow keys and screen readers work.
export default function ({ parentElement, data }) {
  const get = (s) => parentElement.querySelector(s);
  const stage = get(".stage"), range = get("input");
  stage.style.setProperty("--ratio", data.ratio);
  get(".before").src = data.before; get(".after").src = data.after;
  get(".before").alt = data.before_alt; get(".after").alt = data.after_alt;
  get(".left").textContent = data.before_text; get(".right").textContent = data.after_text;
  get("figcaption").textContent = data.caption;
  range.setAttribute("aria-label", data.caption);
  const show = () => {
    stage.style.setProperty("--x", range.value + "%");
    range.setAttribute("aria-valuetext", `${range.value} % ${data.before_text}, ${100 - range.value} % ${data.after_text}`);
  };
  range.oninput = show;
  show();
}
