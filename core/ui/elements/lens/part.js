// A picture with a layer over it; the slider sets how strong the layer is, without a trip to the server.
export default function ({ parentElement, data }) {
  const get = (s) => parentElement.querySelector(s);
  const [base, over, range, out] = [get(".base"), get(".over"), get("input"), get("output")];
  get(".stage").style.setProperty("--ratio", data.ratio);
  base.src = data.picture; base.alt = data.alt; over.src = data.layer;
  get(".name").textContent = data.label;
  range.setAttribute("aria-label", `${data.label}: ${data.name}`);
  const show = () => { over.style.opacity = range.value / 100; out.textContent = range.value + "\u00a0%"; };
  if (range.dataset.layer !== data.name) { range.value = data.start; range.dataset.layer = data.name; }
  range.oninput = show;
  show();
}
