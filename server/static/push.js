// The button that lets this browser show notices. Nobody but the server of this page is asked.

const button = document.getElementById("push");
const says = document.getElementById("push-says");

function bytes(text) {
  const padded = text.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(padded), (each) => each.charCodeAt(0));
}

function text(buffer) {
  const plain = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return plain.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

async function ask() {
  if ((await Notification.requestPermission()) !== "granted") {
    throw new Error("This browser may not show notices. Allow it in its settings for this page.");
  }
  const worker = await navigator.serviceWorker.ready;
  const subscription = await worker.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: bytes(button.dataset.key),
  });
  const kept = await fetch(button.dataset.keep, {
    method: "PUT",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      endpoint: subscription.endpoint,
      p256dh: text(subscription.getKey("p256dh")),
      auth: text(subscription.getKey("auth")),
      name: `Browser (${navigator.platform || "unknown"})`,
    }),
  });
  if (!kept.ok) {
    throw new Error("The server did not take this browser. Load the page anew and try again.");
  }
}

if (!("serviceWorker" in navigator && "PushManager" in window)) {
  button.hidden = true;
  says.textContent =
    "This browser cannot be told from here: it wants HTTPS, or this page on the machine itself.";
}

button.addEventListener("click", async () => {
  button.disabled = true;
  try {
    await ask();
    location.reload();
  } catch (error) {
    says.textContent = error.message;
    button.disabled = false;
  }
});
