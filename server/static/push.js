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
    throw new Error(button.dataset.forbidden);
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
    throw new Error(button.dataset.notTaken);
  }
}

if (!("serviceWorker" in navigator && "PushManager" in window)) {
  button.hidden = true;
  says.textContent = button.dataset.cannot;
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
