// A call from browser to browser. The server only carries what the two need to find each other; nothing is recorded.
// This function runs again at every redraw, so a call lives in the window under the id of its conversation.
const SAYS = {
  wait: "Waiting for the other side.", left: "The other side left.", lost: "The connection was lost. Trying again.", on: "",
  shut: "You are not in this call any more.", full: "This call is open in too many places.", camera: "No camera was found: you see, and are heard only.",
  none: "Neither camera nor microphone: you see and hear only.", refused: "The browser was not allowed to use camera and microphone. You see and hear only.",
  dark: "The browser was not allowed to use the camera: you see, and are heard only.", mute: "The browser was not allowed to use the microphone: you are seen, and hear only.",
  insecure: "Calls need https. Open this page by its https address.",
  away: "The server does not answer, or does not let you into this call. Trying again.",
};
const state = () => (window.__carelens_calls ??= new Map());
const REFUSED = "NotAllowedError"; // as browsers call it
const OFF = { mute: "audio", blind: "video" }; // button to the kind of track it turns off

// What was turned off stays off, whichever device is chosen next and after a reload: the button says so, and somebody relies on it.
function quiet(one) {
  for (const track of one.media?.getTracks() ?? []) track.enabled = !one.off.has(track.kind);
  if (one.on) sessionStorage.setItem(`carelens-call-${one.id}`, ["on", ...one.off].join(" ")); // a reload comes back into the call
}

async function devices(one, wanted = {}) {
  if (!navigator.mediaDevices) return one.say(SAYS.insecure);
  const sound = wanted.microphone ? { deviceId: { exact: wanted.microphone } } : true;
  const picture = wanted.camera ? { deviceId: { exact: wanted.camera } } : { width: { ideal: 1280 }, facingMode: "user" };
  const no = [];
  for (const what of [{ audio: sound, video: picture }, { audio: sound, video: false }, { audio: false, video: picture }]) {
    // A no to both may be meant for the camera alone, so sound is asked for by itself; after a second no, only what was allowed before.
    if (no.filter((name) => name === REFUSED).length > 1 && !(await isGranted("camera"))) break;
    try {
      const media = await navigator.mediaDevices.getUserMedia(what);
      one.note = missing(what, no.includes(REFUSED));
      return media;
    } catch (error) {
      no.push(error.name);
    }
  }
  one.note = no.includes(REFUSED) ? SAYS.refused : SAYS.none;
  return new MediaStream();
}

const isGranted = async (name) => {
  try {
    return (await navigator.permissions.query({ name })).state === "granted";
  } catch {
    return false; // not every browser tells
  }
};

function missing(what, refused) {
  if (!what.video) return refused ? SAYS.dark : SAYS.camera;
  return !what.audio && refused ? SAYS.mute : "";
}

// `call`: a number by chance of this very attempt. Two that overlap, as when both sides come at once, must not mix their answers and ways.
function peer(one, other, call) {
  one.peer?.close();
  one.other = other;
  one.call = call;
  const pc = (one.peer = new RTCPeerConnection({ iceServers: one.ice, iceTransportPolicy: one.relay ? "relay" : "all" }));
  one.early = [];
  // Both ways are named by the doctor even where a camera is missing, so that one way still works.
  one.senders = {};
  if (one.side === "doctor") for (const kind of ["audio", "video"]) one.senders[kind] = pc.addTransceiver(kind, { direction: "sendrecv" }).sender;
  const theirs = new MediaStream();
  one.show("theirs", theirs);
  pc.ontrack = (event) => theirs.addTrack(event.track);
  pc.onicecandidate = (event) => event.candidate && one.send("ice", { call, way: event.candidate.toJSON() }, other);
  pc.onconnectionstatechange = () => {
    if (pc !== one.peer) return;
    one.state = pc.connectionState;
    if (pc.connectionState === "connected") one.say(one.note || SAYS.on);
    if (["disconnected", "failed"].includes(pc.connectionState)) {
      one.say(SAYS.lost);
      clearTimeout(one.again);
      one.again = setTimeout(() => one.peer === pc && pc.connectionState !== "connected" && one.send("hello"), 2500);
    }
  };
  return pc;
}

async function put(one) {
  for (const kind of ["audio", "video"]) {
    const track = one.sharing && kind === "video" ? one.sharing : one.media.getTracks().find((track) => track.kind === kind);
    await one.senders?.[kind]?.replaceTrack(track ?? null); // none yet while nobody else is here
  }
}

async function hear(one, said) {
  if (said.kind === "welcome") {
    one.ice = said.ice;
    one.side = said.side;
    one.relay = said.relay; // as whoever runs the house wants it: by the relay only, or by whatever way there is
    return one.send("hello");
  }
  if (said.side === one.side) return; // another tab of our own side
  if (said.kind === "bye") {
    if (said.from !== one.other) return;
    one.peer?.close();
    one.peer = one.other = null;
    one.say(SAYS.left);
  } else if (said.kind === "hello") {
    // The doctor always calls, so that two calls never meet half way. A patient answers a hello by being there.
    if (one.side !== "doctor") return said.what?.back || one.send("hello", { back: true }, said.from);
    const call = crypto.getRandomValues(new Uint32Array(2)).join("-"), pc = peer(one, said.from, call);
    await put(one);
    await pc.setLocalDescription(await pc.createOffer());
    one.send("offer", { call, sdp: pc.localDescription.toJSON() }, said.from);
  } else if (said.kind === "offer") {
    const { call, sdp } = said.what, pc = peer(one, said.from, call);
    await pc.setRemoteDescription(sdp);
    for (const way of pc.getTransceivers()) {
      way.direction = "sendrecv";
      one.senders[way.receiver.track.kind] = way.sender;
    }
    await put(one);
    await pc.setLocalDescription(await pc.createAnswer());
    one.send("answer", { call, sdp: pc.localDescription.toJSON() }, said.from);
    for (const way of one.early.splice(0)) await pc.addIceCandidate(way);
  } else if (said.from === one.other && one.peer && said.what?.call === one.call) {
    if (said.kind === "answer" && one.peer.signalingState === "have-local-offer") {
      await one.peer.setRemoteDescription(said.what.sdp);
      for (const way of one.early.splice(0)) await one.peer.addIceCandidate(way);
    } else if (said.kind === "ice") {
      if (one.peer.remoteDescription) await one.peer.addIceCandidate(said.what.way);
      else one.early.push(said.what.way);
    }
  }
}

function connect(one) {
  const scheme = window.location.protocol === "https:" ? "wss:" : "ws:";
  const socket = (one.socket = new WebSocket(`${scheme}//${window.location.host}/call/${one.id}?client=${one.client}`));
  let turn = Promise.resolve(), there = false; // one after the other, in the order in which it was said
  socket.onmessage = (event) => {
    there = true;
    turn = turn.then(() => hear(one, JSON.parse(event.data))).catch((error) => one.say(error.message));
  };
  socket.onclose = (event) => {
    if (one.over) return;
    if ([4401, 4403, 4429].includes(event.code)) return stop(one, event.code === 4429 ? SAYS.full : SAYS.shut);
    if (!there && one.peer?.connectionState !== "connected") one.say(SAYS.away); // refused before it was open, a browser is not told why
    one.retry = setTimeout(() => connect(one), 1500); // the call itself goes on meanwhile
  };
}

async function start(one) {
  if (!navigator.mediaDevices || !window.RTCPeerConnection) return one.say(SAYS.insecure);
  one.say(SAYS.wait);
  one.media = await devices(one);
  one.over = false;
  one.on = true;
  quiet(one);
  one.draw();
  one.say(one.note || SAYS.wait);
  connect(one);
}

function stop(one, why = "") {
  one.over = true;
  one.on = false;
  sessionStorage.removeItem(`carelens-call-${one.id}`);
  clearTimeout(one.retry);
  clearTimeout(one.again);
  one.peer?.close();
  one.peer = one.other = null;
  one.socket?.close();
  for (const track of [...(one.media?.getTracks() ?? []), one.sharing]) track?.stop();
  one.sharing = one.media = null;
  one.draw();
  one.say(why);
}

async function share(one) {
  if (one.sharing) {
    one.sharing.stop();
    one.sharing = null;
  } else {
    try {
      one.sharing = (await navigator.mediaDevices.getDisplayMedia({ video: true })).getVideoTracks()[0];
      one.sharing.onended = () => one.sharing && share(one);
    } catch {
      return; // chosen against
    }
  }
  await put(one);
  one.draw();
}

async function test(one) {
  const found = [];
  const tell = (good, text) => found.push(`${good ? "✓" : "✗"} ${text}`);
  tell(window.isSecureContext, window.isSecureContext ? "The page is secure" : "Not https: browsers give no camera here");
  if (navigator.mediaDevices) {
    const name = { audio: "Microphone", video: "Camera" };
    for (const kind of ["video", "audio"]) {
      try {
        const stream = await navigator.mediaDevices.getUserMedia({ [kind]: true });
        stream.getTracks().forEach((track) => track.stop());
        tell(true, `${name[kind]} works`);
      } catch (error) {
        const why = { NotAllowedError: "the browser was not allowed to use it", NotFoundError: "none was found", NotReadableError: "another program uses it" };
        tell(false, `${name[kind]}: ${why[error.name] ?? error.name}`);
      }
    }
  }
  let socket, pc;
  const relay = await new Promise((done) => {
    const scheme = window.location.protocol === "https:" ? "wss:" : "ws:";
    const client = `test-${crypto.getRandomValues(new Uint32Array(2)).join("-")}`;
    let welcome = false;
    socket = new WebSocket(`${scheme}//${window.location.host}/call/${one.id}?client=${client}`);
    setTimeout(() => done(welcome ? "slow" : "closed"), 8000);
    socket.onclose = () => done("closed");
    socket.onmessage = async (event) => {
      const said = JSON.parse(event.data);
      if (said.kind !== "welcome") return;
      welcome = true;
      const turn = said.ice.some((server) => server.username);
      if (!turn) return done("unset");
      pc = new RTCPeerConnection({ iceServers: said.ice, iceTransportPolicy: "relay" });
      pc.onicecandidate = (way) => done(way.candidate ? "good" : "slow"); // the end of the ways, and there was none
      pc.createDataChannel("test");
      await pc.setLocalDescription(await pc.createOffer());
    };
  });
  socket.onclose = null;
  socket.close(); // a place in the call, which others need
  pc?.close();
  tell(relay !== "closed", relay === "closed" ? "The server could not be reached, or does not let you into this call" : "The server answers");
  if (relay === "unset") tell(true, "No TURN server is set up: calls work within one network");
  else if (relay !== "closed") tell(relay === "good", relay === "good" ? "The TURN server works" : "The TURN server does not answer, or does not know this house");
  return found;
}

export default function ({ parentElement, data }) {
  const part = (name) => parentElement.querySelector(`.${name}`);
  let one = state().get(data.id);
  const kept = (sessionStorage.getItem(`carelens-call-${data.id}`) ?? "").split(" ");
  if (!one) {
    const client = crypto.getRandomValues(new Uint32Array(3)).join("-"), off = new Set(Object.values(OFF).filter((kind) => kept.includes(kind)));
    state().set(data.id, (one = { id: data.id, client, note: "", text: "", off }));
  }
  clearTimeout(one.ending);
  const mount = (one.mount = {});
  one.send = (kind, what, to) => one.socket?.readyState === WebSocket.OPEN && one.socket.send(JSON.stringify({ kind, what, to }));
  one.say = (text) => {
    one.text = text;
    part("says").textContent = text;
  };
  one.show = (name, stream) => {
    one[`${name}Stream`] = stream;
    if (part(name).srcObject !== stream) part(name).srcObject = stream;
  };
  one.draw = () => {
    part("start").hidden = one.on;
    part("test").hidden = one.on;
    for (const name of ["mute", "blind", "screen", "leave"]) part(name).hidden = !one.on;
    part("screen").hidden ||= !navigator.mediaDevices?.getDisplayMedia;
    part("choose").hidden = !one.on;
    for (const [name, kind] of Object.entries(OFF)) part(name).setAttribute("aria-pressed", String(one.off.has(kind)));
    part("mine").classList.toggle("shared", Boolean(one.sharing));
    part("mine").srcObject = one.sharing ? new MediaStream([one.sharing]) : (one.media ?? null);
    part("screen").setAttribute("aria-pressed", String(Boolean(one.sharing)));
    if (!one.on) part("theirs").srcObject = null;
    if (one.on) list(one, part);
  };
  part("start").onclick = () => start(one);
  part("leave").onclick = () => stop(one);
  for (const [name, kind] of Object.entries(OFF))
    part(name).onclick = () => {
      if (!one.off.delete(kind)) one.off.add(kind);
      quiet(one);
      one.draw();
    };
  part("screen").onclick = () => share(one);
  part("test").onclick = async () => {
    part("results").hidden = false;
    part("results").replaceChildren(Object.assign(document.createElement("li"), { textContent: "Testing…" }));
    const found = await test(one);
    part("results").replaceChildren(...found.map((textContent) => Object.assign(document.createElement("li"), { textContent })));
  };
  for (const name of ["camera", "microphone"])
    part(name).onchange = async () => {
      one.media?.getTracks().forEach((track) => track.stop());
      one.media = await devices(one, { camera: part("camera").value, microphone: part("microphone").value });
      quiet(one);
      await put(one);
      one.draw();
      if (one.peer?.connectionState === "connected") one.say(one.note || SAYS.on);
    };
  part("says").textContent = one.text;
  if (one.theirsStream) one.show("theirs", one.theirsStream);
  one.draw();
  if (!one.on && !one.begun && kept.includes("on")) start(one);
  one.begun = true;
  return () => {
    if (one.mount !== mount) return;
    // The page may only have moved the element, which then is drawn anew at once; a call outlives that.
    one.ending = setTimeout(() => {
      state().delete(data.id);
      stop(one);
    }, 1500);
  };
}

async function list(one, part) {
  const found = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  for (const [name, kind] of [["camera", "videoinput"], ["microphone", "audioinput"]]) {
    const now = one.media?.getTracks().find((track) => `${track.kind}input` === kind)?.getSettings().deviceId;
    part(name).replaceChildren(...found.filter((device) => device.kind === kind).map((device) => new Option(device.label || "Standard", device.deviceId, false, device.deviceId === now)));
  }
}
