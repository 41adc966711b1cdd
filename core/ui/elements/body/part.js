// A body to tap: every tap on a part goes on from nothing to some, half and all of it. Enter and space do the same.
export default function ({ parentElement, data, setStateValue }) {
  const all = (s) => [...parentElement.querySelectorAll(s)];
  const says = parentElement.querySelector("p");
  parentElement.querySelector("figcaption").textContent = data.help;
  const figure = parentElement.querySelector("figure");
  if (figure.dataset.id !== data.id) { figure.dataset.id = data.id; figure.shares = { ...data.start }; }
  const level = (site) => Math.max(0, data.shares.indexOf(figure.shares[site] ?? 0));
  const draw = () => {
    for (const shape of all("[data-site]")) {
      const site = shape.dataset.site;
      shape.dataset.level = level(site);
      if (!shape.classList.contains("main")) { shape.setAttribute("aria-hidden", "true"); continue; }
      shape.setAttribute("role", "button"); shape.setAttribute("tabindex", "0");
      shape.setAttribute("aria-label", `${data.sites[site]}: ${data.words[level(site)]}`);
    }
    for (const text of all("[data-of]")) {
      const at = level(text.dataset.of);
      text.textContent = data.signs[at]; text.classList.toggle("full", at === 3);
    }
  };
  for (const shape of all("[data-site]")) {
    const site = shape.dataset.site;
    const next = () => {
      figure.shares[site] = data.shares[(level(site) + 1) % data.shares.length];
      draw();
      says.textContent = `${data.sites[site]}: ${data.words[level(site)]}`;
      setStateValue("marked", { id: data.id, shares: { ...figure.shares } });
    };
    shape.onclick = next;
    shape.onkeydown = (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); next(); } };
  }
  draw();
}
