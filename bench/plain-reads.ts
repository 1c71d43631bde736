// Reads users with node:http alone, 16 at a time, and sends the seconds that it took to the parent.
import http from "node:http";

const [url = "", token = "", users = "0"] = process.argv.slice(2);
const agent = new http.Agent({ keepAlive: true });
const headers = { authorization: `Bearer ${token}` };
const CONCURRENCY = 16;

function read(user: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = http.get(`${url}/v1/users/${user}/tokens`, { agent, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (text += chunk));
      response.on("end", () => resolve(JSON.parse(text)));
    });
    request.on("error", reject);
  });
}

async function main(): Promise<void> {
  const names = Array.from({ length: Number(users) }, (_, index) => `u${index}`);
  const started = performance.now();
  const readNext = async () => {
    for (let user = names.pop(); user !== undefined; user = names.pop()) await read(user);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, readNext));
  process.send?.((performance.now() - started) / 1000);
  agent.destroy();
  process.disconnect();
}

void main();
