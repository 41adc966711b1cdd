// Hands a single-use ticket to the server, which answers with the session cookie (or clears it), then opens the page anew:
// the server reads the cookie only when a page connects.
export default function ({ parentElement, data, setTriggerValue }) {
  const says = parentElement.querySelector("p");
  const done = (window.__carelens_session ??= new Set()); // this function runs again at every redraw; a ticket works once
  if (!data || done.has(data.id)) return;
  done.add(data.id);
  says.textContent = data.text;
  fetch(data.route, { method: "POST", body: data.ticket ?? "", headers: { "Content-Type": "text/plain" }, credentials: "same-origin" })
    .then((answer) => {
      if (!answer.ok) throw new Error(String(answer.status));
      window.location.replace(data.to || window.location.pathname + window.location.search);
    })
    .catch((error) => {
      says.textContent = "";
      setTriggerValue("failed", error.message);
    });
}
