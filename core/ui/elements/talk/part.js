// The messages of one conversation. The server's word on a websocket says that there is something new; what it is this element
// fetches, and adds to what stands here. Whatever people wrote is put in as text only, never as HTML.
const EVERY = 20000; // ms between two looks without any word, spread out: for a word that was lost
const SEEN = 1000; // ms: that somebody has read can wait, and often comes with more
const OURS = 500; // ms: what comes from one's own side
const GIVE_UP = 3; // looks in a row that failed; then the page itself looks
const TRIES = 4; // of a message, each after a longer pause; then its writer says when to try again
const MONTHS = "January February March April May June July August September October November December".split(" ");
const two = (number) => String(number).padStart(2, "0");
function day(at) {
  return `${at.getDate()} ${MONTHS[at.getMonth()]} ${at.getFullYear()}`;
}
function when(iso) {
  const at = new Date(iso), today = new Date(), before = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  const name = day(at) === day(today) ? "today" : day(at) === day(before) ? "yesterday" : day(at);
  return `${name}, ${two(at.getHours())}:${two(at.getMinutes())}`;
}
function make(tag, name, text) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text !== undefined) made.textContent = text;
  return made;
}
function picture(address, alt) {
  const made = make("img");
  made.alt = alt;
  made.src = address;
  return made;
}
function quoted(quote) {
  const box = make("div", "quote");
  const words = make("div");
  if (quote.trouble) words.append(make("p", "small", quote.trouble));
  else {
    box.append(picture(`/thumbnail/${encodeURIComponent(quote.id)}`, "Photo of the finding"));
    words.append(make("p", "title", `${quote.site}, ${day(new Date(quote.at))}`), make("p", "small", quote.says));
  }
  box.append(words);
  return box;
}
function drawn(line) {
  const item = make("li", line.ours ? "ours" : ""), head = make("p", "head"), said = make("div", "said");
  const time = make("time", "", when(line.at));
  time.dateTime = line.at;
  head.append(make("b", "", line.who), " · ", time);
  if (line.text) said.append(make("p", "text", line.text));
  if (line.photo) {
    const link = make("a", "photo"), where = `/message-photo/${encodeURIComponent(line.id)}`;
    Object.assign(link, { href: where, target: "_blank", rel: "noopener" });
    link.append(picture(`${where}?small`, `Photo from ${line.who}`));
    said.append(link);
  }
  if (line.quote) said.append(quoted(line.quote));
  item.append(head, said);
  item.dataset.number = line.number;
  return item;
}

// One page in one conversation: `lines` by number without a gap, `told` what else the server said last.
function begin() {
  return { lines: new Map(), told: {}, last: 0, failed: 0, tries: 0, count: 0, busy: false, again: false, pinned: true, draft: "", waiting: [] };
}
function take(one, told, older = false) {
  const first = told.lines[0]?.number ?? 0;
  // More came at once than one answer holds: what is between can be had as older messages.
  if (!older && one.last && first > one.last + 1) one.lines.clear();
  const joined = one.lines.size > 0;
  for (const line of told.lines) one.lines.set(line.number, line);
  one.last = Math.max(one.last, told.lines.at(-1)?.number ?? 0);
  if (older || !joined) one.older = told.older;
  const { seen, seen_at } = one.told; // a page that was drawn before the last look knows less than that
  one.told = seen > told.seen ? { ...told, seen, seen_at } : told;
}
function made() { // a random UUID where the page did not come by https: browsers keep their own from it there
  const b = crypto.getRandomValues(new Uint8Array(16));
  b[6] = (b[6] & 15) | 64;
  b[8] = (b[8] & 63) | 128;
  return [...b].map((one) => one.toString(16).padStart(2, "0")).join("");
}
async function post(route, body, headers = {}) {
  const answer = await fetch(route, { method: "POST", body, headers, credentials: "same-origin", cache: "no-store" });
  if (answer.ok) return answer.json();
  if ([401, 404].includes(answer.status)) throw Object.assign(new Error("shut"), { shut: true });
  const said = await answer.json().catch(() => ({}));
  const why = [said.error, said.hint].filter(Boolean).join(" "), final = [400, 403, 413, 415, 422].includes(answer.status);
  throw Object.assign(new Error(String(answer.status)), { why, final, pause: 1000 * Number(answer.headers.get("Retry-After")) });
}
const ask = (one, question) => post(one.route, JSON.stringify(question), { "Content-Type": "application/json" });

// What was written and is not there yet, in order: one after the other is sent, so the order stays, each with a token of its own.
async function send(one) {
  if (one.sending || !one.waiting.length) return; // also when its page was left meanwhile: it was sent, so it goes
  const first = one.waiting[0];
  if (first.why) return; // its writer has to say what becomes of it
  if (!one.route) {
    if (!first.begun) one.start(); // the first message of all: the page begins the conversation, and says where
    return void (first.begun = true);
  }
  one.sending = true;
  try {
    const form = new FormData();
    form.append("text", first.text);
    form.append("token", first.token);
    form.append("after", String(one.last));
    if (first.photo) form.append("photo", first.photo);
    const told = await post(`${one.route}/message`, form);
    one.waiting.shift();
    take(one, told);
    one.pinned = true;
  } catch (error) {
    first.tries += 1;
    if (error.final || first.tries >= TRIES) first.why = error.why || "It could not be sent: there is no connection.";
    if (error.shut) first.why = "It was not sent: you are signed out, or not let in any more.";
    if (!first.why) one.next = setTimeout(() => send(one), Math.max(error.pause || 0, 1000 * 2 ** (first.tries - 1)));
    if (error.shut) look(one);
  } finally {
    one.sending = false;
  }
  one.draw();
  if (one.again) look(one);
  if (!one.waiting[0]?.tries) send(one);
}
async function look(one) {
  clearTimeout(one.timer);
  one.timer = 0;
  if (one.over) return;
  if (!one.route) return one.redraw(); // nothing was written yet: the page finds out with whom it talks
  if (one.busy || one.sending) return void (one.again = true); // what is sent brings what is new with it
  one.again = false;
  one.busy = true;
  try {
    const open = one.told.open, told = await ask(one, { after: one.last });
    one.failed = 0;
    take(one, told);
    one.draw();
    if (told.open !== open) one.redraw();
  } catch (error) {
    if (error.shut) {
      one.lines.clear();
      one.last = 0;
      one.draw();
      one.redraw();
    } else if (++one.failed % GIVE_UP === 0) one.redraw();
  } finally {
    one.busy = false;
  }
  if (one.again) return look(one);
  later(one, one.failed ? EVERY / 10 : EVERY);
}
function later(one, pause) {
  const due = Date.now() + pause * (0.75 + Math.random() / 2);
  if (one.over || (one.timer && due >= one.due)) return; // a look that is nearer sees this, too
  clearTimeout(one.timer);
  one.due = due;
  one.timer = setTimeout(() => look(one), due - Date.now());
}
function connect(one) {
  const scheme = window.location.protocol === "https:" ? "wss:" : "ws:";
  const socket = (one.socket = new WebSocket(`${scheme}//${window.location.host}/live`));
  socket.onopen = () => {
    if (one.tries) later(one, 1000); // something may have come while nobody listened; after a restart all ask, so not all at once
    one.tries = 0;
  };
  socket.onmessage = (event) => {
    const [word, of, number, side] = event.data.split(" ");
    if (of && one.conversation && (of !== one.conversation || Number(number) <= one.last)) return;
    // What this page sends comes with the answer; only another page of the same side has to fetch it.
    if (word === "news" && side !== one.side) look(one);
    else if (word === "news") setTimeout(() => Number(number) > one.last && look(one), OURS);
    else if (word === "seen" && one.conversation) later(one, SEEN);
  };
  socket.onclose = (event) => {
    if (one.over || event.code === 4401 || event.code === 4403) return one.over || look(one); // signed out: the page says so
    one.tries += 1;
    one.retry = setTimeout(() => connect(one), Math.min(30000, 500 * 2 ** one.tries) * (0.75 + Math.random() / 2));
  };
}

window.addEventListener("beforeunload", (event) => {
  if ([...(window.__carelens_talks?.values() ?? [])].some((one) => one.waiting.length || one.draft.trim() || one.photo)) event.preventDefault();
});

export default function ({ parentElement, data, setTriggerValue }) {
  const part = (name) => parentElement.querySelector(name);
  const all = (window.__carelens_talks ??= new Map()); // this function runs again at every redraw; a page has one socket
  let one = all.get(data.id);
  const fresh = !one || one.over;
  if (!one) all.set(data.id, (one = begin()));
  if (one.over) {
    one.over = false; // back on a page that was left with something unsent: the messages are those of now
    one.lines.clear();
    one.last = one.timer = 0;
  }
  clearTimeout(one.ending);
  const mount = (one.mount = {}), box = part(".box"), list = part(".there");
  Object.assign(one, { conversation: data.conversation, route: data.route, side: data.side });
  const first = one.waiting[0];
  if (first?.begun) first.why = data.route ? "" : "It could not be sent."; // the page tried to begin the conversation for it
  if (first?.begun && data.route) first.begun = false;
  one.redraw = () => setTriggerValue("news", ++one.count);
  one.start = () => setTriggerValue("begin", ++one.count);
  const down = () => {
    box.scrollTop = box.scrollHeight;
    one.pinned = part(".below").hidden = true;
  };
  one.draw = () => {
    if (one.mount !== mount) return;
    if (list.dataset.id !== data.id) list.replaceChildren(); // another conversation in the same place
    const first = list.dataset.id !== data.id || !list.children.length;
    list.dataset.id = data.id;
    const height = box.scrollHeight;
    for (const item of [...list.children]) if (!one.lines.has(Number(item.dataset.number))) item.remove();
    const top = Number(list.firstElementChild?.dataset.number ?? Infinity), bottom = Number(list.lastElementChild?.dataset.number ?? 0);
    const numbers = [...one.lines.keys()].sort((a, b) => a - b), some = (which) => numbers.filter(which).map((number) => drawn(one.lines.get(number)));
    const above = bottom ? some((number) => number < top) : [], below = some((number) => number > bottom);
    box.setAttribute("aria-live", first || above.length ? "off" : "polite"); // what was written before is not read out
    for (const image of [...above, ...below].flatMap((item) => [...item.querySelectorAll("img")])) image.onload = () => one.pinned && down();
    list.prepend(...above);
    list.append(...below);
    waiting();
    part(".none").hidden = numbers.length + one.waiting.length > 0;
    part(".write").hidden = !one.told.open;
    part(".older").hidden = !one.older;
    if (above.length) box.scrollTop += box.scrollHeight - height; // what one reads stays where it is
    else if (below.length) first || one.pinned || one.lines.get(numbers.at(-1)).ours ? down() : (part(".below").hidden = false);
    state();
  };
  const state = () => {
    const { seen, seen_at } = one.told, last = one.lines.get(one.last);
    const read = Boolean(seen_at && last?.ours && [...one.lines.values()].some((line) => line.ours && line.number <= seen));
    part(".state").textContent = read ? `✓ ${one.last <= seen ? "Seen" : "Seen up to your message before"}, ${when(seen_at)}` : "";
  };
  const waiting = () => {
    part(".waiting").replaceChildren(...one.waiting.map((mine) => {
      const item = make("li", "ours"), said = make("div", "said"), again = make("div", "again");
      if (mine.text) said.append(make("p", "text", mine.text));
      if (mine.photo) said.append(make("p", "small", `Photo: ${mine.photo.name}`));
      item.append(said, make("p", "small why", mine.why || (mine.tries ? "Not sent yet. It is tried again." : "Sending…")));
      if (mine.why) {
        const more = make("button", "", "Try again"), back = make("button", "", "Take it back");
        more.onclick = () => {
          Object.assign(mine, { why: "", tries: 0, begun: false });
          one.draw();
          send(one);
        };
        back.onclick = () => {
          one.waiting.splice(one.waiting.indexOf(mine), 1);
          if (!one.draft) one.draft = text.value = mine.text;
          if (!one.photo) one.photo = mine.photo;
          one.draw();
          written();
          text.focus();
          send(one);
        };
        again.append(more, back);
        item.append(again);
      }
      return item;
    }));
  };
  const text = part("textarea"), file = part(".file");
  const written = () => {
    const over = one.draft.length - data.longest;
    part(".long").hidden = over <= 0;
    part(".long").textContent = over > 0 ? `This message is too long by ${over} letters. Send it in two parts.` : "";
    part(".chosen").hidden = !one.photo;
    part(".name").textContent = one.photo ? `Photo: ${one.photo.name}` : "";
    text.style.height = "auto";
    if (text.value) text.style.height = `${Math.min(160, text.scrollHeight + 2)}px`;
  };
  const submit = () => {
    if ((!one.draft.trim() && !one.photo) || one.draft.length > data.longest) return;
    one.waiting.push({ text: one.draft.trim(), photo: one.photo, token: crypto.randomUUID?.() ?? made(), tries: 0, why: "" });
    one.draft = text.value = "";
    one.photo = null;
    written();
    one.draw();
    down();
    send(one);
  };
  file.accept = data.accept;
  text.value = one.draft; // the page may have drawn the element anew meanwhile
  text.oninput = () => {
    one.draft = text.value;
    written();
  };
  text.onkeydown = (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  };
  part(".write").onsubmit = (event) => {
    event.preventDefault();
    submit();
    text.focus();
  };
  part(".photo-too").onclick = () => file.click();
  file.onchange = () => {
    one.photo = file.files[0] ?? one.photo;
    file.value = "";
    written();
    text.focus();
  };
  part(".drop").onclick = () => {
    one.photo = null;
    written();
    text.focus();
  };
  part(".older").onclick = async () => {
    try {
      take(one, { ...one.told, ...(await ask(one, { before: Math.min(...one.lines.keys()) })) }, true);
      one.draw();
      box.focus();
    } catch (error) {
      if (error.shut) look(one); // anything else: the button is still there
    }
  };
  part(".below").onclick = down;
  box.onscroll = () => {
    one.pinned = box.scrollHeight - box.scrollTop - box.clientHeight < 80;
    if (one.pinned) part(".below").hidden = true;
  };
  take(one, data);
  one.draw();
  written();
  if (!one.waiting[0]?.tries) send(one); // what waited for the conversation to begin
  if (fresh) {
    connect(one);
    later(one, EVERY);
  }
  const end = () => {
    one.over = true;
    clearTimeout(one.timer);
    clearTimeout(one.retry);
    one.socket.close();
    if (!one.waiting.length && !one.draft && !one.photo) all.delete(data.id);
  };
  return () => {
    if (one.mount === mount) one.ending = setTimeout(end, 1500); // unless the page only moved the element
  };
}
