// A brush over a photo: the outline is painted with a finger, a pen, the mouse or the keys, and the mask goes to Python.
// Strokes are kept and drawn anew for "undo": copies of a whole photo would fill the memory of a phone.
const TEAL = "rgb(18, 142, 148)";
const TOLD = "Draw with a finger, a pen or the mouse. Two fingers zoom. With keys: arrows move, space paints, A adds, R removes, + and − change the size, Z takes back.";

export default function ({ parentElement, data, setStateValue }) {
  const get = (s) => parentElement.querySelector(s);
  const stage = get(".stage"), canvas = get("canvas"), tip = get(".tip"), size = get(".size input"), says = get(".says");
  const [undo, reset] = [get(".undo"), get(".reset")];
  get(".help").textContent = TOLD;
  stage.setAttribute("aria-label", `${data.alt}. ${TOLD}`);
  const photo = get("img");
  if (photo.src !== data.picture) photo.src = data.picture;
  photo.alt = data.alt;
  // This function runs again at every redraw: what was painted stays as long as it is the same outline.
  if (stage.painting?.id !== data.id) stage.painting = { id: data.id, strokes: [], at: [data.width / 2, data.height / 2], sent: 0 };
  const state = stage.painting;
  state.tell = setStateValue;
  if (state.ready) return;
  state.ready = true;

  stage.style.setProperty("--ratio", data.width / data.height);
  canvas.width = data.width; canvas.height = data.height;
  const pen = canvas.getContext("2d"), first = new Image();
  first.onload = () => { redraw(); stage.dataset.ready = data.id; };
  first.src = data.mask;

  const thick = () => (size.value * Math.max(data.width, data.height)) / 100;
  const mode = () => parentElement.querySelector(".modes input:checked").value;
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * data.width, ((event.clientY - box.top) / box.height) * data.height];
  };

  function line(stroke, from) {
    pen.globalCompositeOperation = stroke.remove ? "destination-out" : "source-over";
    pen.fillStyle = pen.strokeStyle = TEAL;
    pen.lineWidth = stroke.size; pen.lineCap = pen.lineJoin = "round";
    if (from === 0) { pen.beginPath(); pen.arc(...stroke.points[0], stroke.size / 2, 0, 7); pen.fill(); }
    if (stroke.points.length < 2) return;
    pen.beginPath(); pen.moveTo(...stroke.points[Math.max(0, from - 1)]);
    for (const point of stroke.points.slice(Math.max(1, from))) pen.lineTo(...point);
    pen.stroke();
  }
  function redraw() {
    pen.globalCompositeOperation = "source-over";
    pen.clearRect(0, 0, data.width, data.height);
    pen.drawImage(first, 0, 0);
    for (const stroke of state.strokes) line(stroke, 0);
    undo.disabled = reset.disabled = state.strokes.length === 0;
  }
  function mask() {
    const made = document.createElement("canvas");
    made.width = data.width; made.height = data.height;
    const paper = made.getContext("2d");
    paper.drawImage(canvas, 0, 0);
    paper.globalCompositeOperation = "source-in"; paper.fillStyle = "#fff"; paper.fillRect(0, 0, made.width, made.height);
    paper.globalCompositeOperation = "destination-over"; paper.fillStyle = "#000"; paper.fillRect(0, 0, made.width, made.height);
    return made.toDataURL("image/png");
  }
  // Some browsers are set to give back noise in place of what was drawn; a mask of noise must not be measured.
  function honest() {
    const two = document.createElement("canvas"); two.width = 2; two.height = 1;
    const ink = two.getContext("2d");
    ink.fillStyle = "#000"; ink.fillRect(0, 0, 2, 1); ink.fillStyle = "#fff"; ink.fillRect(1, 0, 1, 1);
    const [dark, , , , light] = ink.getImageData(0, 0, 2, 1).data;
    return dark < 64 && light > 191;
  }
  function send() {
    clearTimeout(state.later); state.later = 0;
    if (!honest()) { says.textContent = "Your browser does not let this page read drawings. Allow it for this page, then draw again."; return; }
    state.tell("drawn", { id: data.id, n: (state.sent += 1), mask: state.strokes.length ? mask() : "" });
  }
  function keep(stroke) { state.strokes.push(stroke); undo.disabled = reset.disabled = false; }

  let now = null, fingers = new Set();
  function show(point) {
    state.at = point;
    const share = canvas.getBoundingClientRect().width / data.width;
    tip.hidden = false;
    tip.style.width = tip.style.height = thick() * share + "px";
    tip.style.left = (100 * point[0]) / data.width + "%"; tip.style.top = (100 * point[1]) / data.height + "%";
  }
  canvas.onpointerdown = (event) => {
    if (event.pointerType === "mouse" && event.button !== 0) return;
    fingers.add(event.pointerId);
    if (fingers.size > 1) { now = null; redraw(); return; } // a second finger: the person zooms
    event.preventDefault(); stage.focus({ preventScroll: true });
    try { canvas.setPointerCapture(event.pointerId); } catch { /* the pointer is gone already */ }
    const rubber = (event.buttons & 32) !== 0; // the other end of a pen
    now = { id: event.pointerId, remove: rubber || mode() === "remove", size: thick(), points: [place(event)] };
    line(now, 0); show(now.points[0]);
  };
  canvas.onpointermove = (event) => {
    show(place(event));
    if (!now || event.pointerId !== now.id) return;
    const from = now.points.length, more = event.getCoalescedEvents?.() ?? [];
    for (const one of more.length ? more : [event]) now.points.push(place(one));
    line(now, from);
  };
  canvas.onpointerup = (event) => {
    fingers.delete(event.pointerId);
    if (!now || event.pointerId !== now.id) return;
    keep(now); now = null; send();
  };
  canvas.onpointercancel = (event) => { fingers.delete(event.pointerId); if (now?.id === event.pointerId) { now = null; redraw(); } };
  canvas.onpointerleave = () => { if (!now) tip.hidden = true; };

  const back = (all) => { if (state.strokes.length) { all ? (state.strokes.length = 0) : state.strokes.pop(); redraw(); send(); } };
  undo.onclick = () => back(false);
  reset.onclick = () => back(true);
  size.oninput = () => show(state.at);
  const choose = (name) => { parentElement.querySelector(`.modes input[value=${name}]`).checked = true; says.textContent = name === "add" ? "The brush adds." : "The brush removes."; };
  const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  stage.onkeydown = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (key in moves) {
      const step = thick() / 2, limit = [data.width, data.height];
      show(state.at.map((value, axis) => Math.min(limit[axis], Math.max(0, value + moves[key][axis] * step))));
      says.textContent = `${Math.round((100 * state.at[0]) / data.width)} % across, ${Math.round((100 * state.at[1]) / data.height)} % down.`;
    } else if (key === " " || key === "Enter") {
      const dab = { remove: mode() === "remove", size: thick(), points: [[...state.at]] };
      line(dab, 0); keep(dab); show(state.at);
      clearTimeout(state.later); state.later = setTimeout(send, 250);
      says.textContent = dab.remove ? "Removed here." : "Added here.";
    } else if (key === "a" || key === "r") choose(key === "a" ? "add" : "remove");
    else if (key === "+" || key === "-") { size.value = +size.value + (key === "+" ? 1 : -1); show(state.at); says.textContent = `Size ${size.value}.`; }
    else if (key === "z") back(false);
    else return;
    event.preventDefault();
  };
  stage.onfocus = () => { if (stage.matches(":focus-visible")) show(state.at); };
  stage.onblur = () => { tip.hidden = true; if (state.later) send(); };
}
