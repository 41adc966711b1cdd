// Photos in date order, each with its outlined twin below it. The pictures are fetched when they come into sight.
export default function ({ parentElement, data, setTriggerValue }) {
  const get = (s) => parentElement.querySelector(s);
  const row = get("ol"), box = get("input");
  const known = JSON.stringify(data);
  if (row.dataset.known === known) return; // a rerun of the page changes nothing here, and fetches nothing again
  row.dataset.known = known;
  row.setAttribute("aria-label", data.label);
  get(".count").textContent = data.count;
  const picture = (kind, src, alt) => {
    const frame = document.createElement("div"), img = document.createElement("img");
    frame.className = "frame " + kind;
    img.loading = "lazy"; img.decoding = "async"; img.alt = alt; img.src = src;
    img.onerror = () => { img.className = "gone"; frame.title = data.gone; };
    frame.append(img);
    return frame;
  };
  const line = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });
  row.replaceChildren(...data.cards.map((card) => {
    const item = document.createElement("li");
    item.append(picture("photo", card.photo, card.alt));
    if (card.outlined) item.append(picture("outlined", card.outlined, card.alt + ", " + data.outlined));
    item.append(line("b", card.value), ...card.lines.map((text) => line("small", text)));
    const open = line("button", data.open);
    open.type = "button";
    open.setAttribute("aria-label", data.open + ": " + card.alt);
    open.onclick = () => setTriggerValue("open", card.id);
    item.append(open);
    return item;
  }));
  row.scrollLeft = row.scrollWidth; // the newest is what people look for
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  const go = (way) => row.scrollBy({ left: way * row.clientWidth * 0.8, behavior: calm.matches ? "auto" : "smooth" });
  get(".older").onclick = () => go(-1);
  get(".newer").onclick = () => go(1);
  box.onchange = () => row.classList.toggle("plain", !box.checked);
  row.classList.toggle("plain", !box.checked);
}
