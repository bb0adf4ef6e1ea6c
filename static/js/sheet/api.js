// JSON to and from our own server. A failure is an Error whose message can be shown; `final` when a retry cannot help.

export async function post(url, data) {
  return answered(await reached(() => fetch(url, { method: "POST", headers: headers(), body: JSON.stringify(data), keepalive: false })));
}

function headers() {
  const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
  return { "X-CSRFToken": token, "Content-Type": "application/json", Accept: "application/json" };
}

async function reached(call) {
  try {
    return await call();
  } catch {
    throw new Error("This site cannot be reached.");
  }
}

async function answered(response) {
  const told = await response.json().catch(() => null);
  if (response.ok && told) return told;
  const problem = new Error(told?.what_happened ?? `This site answered ${response.status}.`);
  problem.status = response.status;
  problem.final = response.status >= 400 && response.status < 500 && ![401, 408, 429].includes(response.status);
  throw problem;
}

export async function getJson(url, signal) {
  return answered(await fetch(url, { signal, headers: { Accept: "application/json" } }));
}
