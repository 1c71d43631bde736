// The floor of the audit: reads users' tokens with the HTTP library that it uses, and does nothing else.
// node axios-reads.js URL TOKEN CONCURRENCY
const http = require("node:http");
const axios = require("axios");

const [baseURL, token, concurrency] = process.argv.slice(2);
const api = axios.create({
  baseURL,
  headers: { authorization: `Bearer ${token}` },
  httpAgent: new http.Agent({ keepAlive: true, maxSockets: Number(concurrency) }),
});

async function list() {
  const users = [];
  let cursor;
  do {
    const { data } = await api.get("/v1/users", { params: { limit: 1000, page_token: cursor } });
    users.push(...data.users.map(({ username }) => username));
    cursor = data.next_page_token ?? undefined;
  } while (cursor !== undefined);
  return users;
}

async function main() {
  const users = await list();
  let next = 0;
  const worker = async () => {
    while (next < users.length) await api.get(`/v1/users/${encodeURIComponent(users[next++])}/tokens`);
  };
  await Promise.all(Array.from({ length: Number(concurrency) }, worker));
}

void main();
