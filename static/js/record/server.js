// Talking to our own site: JSON both ways, and three ways for it to end: an answer, a refusal, silence.
export class NoAnswer extends Error {}

export async function ask(url, { body, signal } = {}) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) Object.assign(headers, { "Content-Type": "application/json", "X-CSRFToken": csrfToken() });
  const response = await sent(url, { method: body === undefined ? "GET" : "POST", headers, body: body && JSON.stringify(body), signal });
  try {
    return { status: response.status, ok: response.ok, data: await response.json() };
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new NoAnswer(`The site answered with something unreadable (status ${response.status}).`);
  }
}

async function sent(url, options) {
  try {
    return await fetch(url, { credentials: "same-origin", redirect: "error", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new NoAnswer("The site did not answer.");
  }
}

// The cookie first: it is the newer one after signing in again in another tab.
function csrfToken() {
  const cookie = document.cookie.split("; ").find((each) => each.startsWith("csrftoken="));
  if (cookie) return decodeURIComponent(cookie.slice("csrftoken=".length));
  return JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRFToken"] ?? "";
}
