// Adds to pages what only a script can: copying code, and saying where one is. Without it nothing is missing.

for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = button.dataset.done;
  });
}

for (const button of document.querySelectorAll("button[data-position]")) {
  button.hidden = !(navigator.geolocation && window.isSecureContext);
  button.addEventListener("click", () => {
    const field = document.getElementById(button.dataset.position);
    const found = ({ coords }) => (field.value = `${coords.latitude.toFixed(4)},${coords.longitude.toFixed(4)}`);
    navigator.geolocation.getCurrentPosition(found, () => (button.textContent = button.dataset.failed));
  });
}
