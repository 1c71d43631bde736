// The floor: reads users' tokens with Node alone, parses them, and does nothing else.
// node plain-reads.js URL TOKEN CONCURRENCY [USERNAME…]; without names, everybody that the API lists. Sends its
// parent process the seconds that it took, without the start of Node.
const http = require("node:http");

const [url, token, concurrency, ...names] = process.argv.slice(2);
const agent = new http.Agent({ keepAlive: true, maxSockets: Number(concurrency) });
const headers = { authorization: `Bearer ${token}` };

function get(path) {
  return new Promise((resolve, reject) => {
    http
      .get(url + path, { agent, headers }, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk) => (text += chunk));
        response.on("end", () => resolve(JSON.parse(text)));
      })
      .on("error", reject);
  });
}

async function list() {
  const users = [];
  let cursor = "";
  do {
    const page = await get(`/v1/users?limit=1000${cursor}`);
    users.push(...page.users.map(({ username }) => username));
    cursor = page.next_page_token === null ? "" : `&page_token=${page.next_page_token}`;
  } while (cursor !== "");
  return users;
}

async function main() {
  const started = performance.now();
  const users = names.length > 0 ? names : await list();
  let next = 0;
  const worker = async () => {
    while (next < users.length) await get(`/v1/users/${encodeURIComponent(users[next++])}/tokens`);
  };
  await Promise.all(Array.from({ length: Number(concurrency) }, worker));
  agent.destroy();
  process.send?.((performance.now() - started) / 1000);
}

void main();
