// @ts-check
/** Asking our own server, with a time limit and plain errors. */

const LIMIT_MS = 8000;

/**
 * Fetch an address of this server.
 * @param {string} address
 * @param {string} accept
 * @returns {Promise<Response>}
 */
async function ask(address, accept) {
  const answer = await fetch(address, { headers: { Accept: accept }, signal: AbortSignal.timeout(LIMIT_MS) });
  if (!answer.ok) throw new Error(`${address} answered ${answer.status}`);
  return answer;
}

/**
 * Return what an address says as JSON.
 * @param {string} address
 * @returns {Promise<any>}
 */
export async function askJson(address) {
  return (await ask(address, "application/json")).json();
}

/**
 * Return what an address says as text.
 * @param {string} address
 * @returns {Promise<string>}
 */
export async function askText(address) {
  return (await ask(address, "text/vtt, text/plain")).text();
}
