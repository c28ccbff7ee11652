// A local stack of its own with the seed's people, and what asks it over HTTP.

import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** Starts a stack on free ports and gives it when it is ready. It writes its log into the folder of its data. */
export async function startStack() {
  const folder = await mkdtemp(join(tmpdir(), "tenantry-browser-"));
  const process_ = spawn(join(root, ".build/stack"), { cwd: root, stdio: ["ignore", "pipe", "ignore"], env: { ...process.env, PORT: "0", BUILD: "no", DATA_DIR: folder } });
  const url = await new Promise((ready, failed) => {
    process_.once("exit", (code) => failed(new Error(`the stack ended with ${code} before it was ready`)));
    createInterface({ input: process_.stdout }).on("line", (line) => line.startsWith("ready ") && ready(line.slice("ready ".length)));
  });
  const seed = JSON.parse(await readFile(join(folder, "seed.json"), "utf8"));
  return new Stack(url, folder, seed, process_);
}

/** A running stack. */
class Stack {
  constructor(url, folder, seed, process_) {
    Object.assign(this, { url, folder, seed, process: process_ });
    this.org = `/v1/organizations/${seed.client.organizationId}`;
  }

  /** Asks as the client's administrator, by an API key that may do what is delicate, and gives the answer's JSON. */
  async call(method, path, body, headers = {}) {
    const answer = await fetch(this.url + path, {
      method, body: body === undefined ? undefined : JSON.stringify(body),
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${this.seed.client.admin.apiKey}`, ...headers },
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  }

  /** Asks the stack's own controls. */
  local(method, path, body) { return this.call(method, `/_local/${path}`, body); }

  /** Registers a domain and proves it. */
  async domain(name) {
    const made = await this.call("POST", `${this.org}/domains`, { name });
    await this.local("PUT", `dns/${made.record.host}/TXT`, [made.record.value]);
    return this.call("POST", `${this.org}/domains/${made.id}/verify`);
  }

  /** Makes a directory of the demonstration IdP with one person, who is invited into the client as a user. */
  async directory(name, email, displayName) {
    const [firstName, lastName] = displayName.split(" ");
    await this.local("PUT", `idp/${name}`, { people: [{ email, firstName, lastName }] });
    const roles = await this.call("GET", `${this.org}/roles`);
    await this.call("POST", `${this.org}/users`, { email, name: displayName, roleId: roles.items.find((role) => role.builtIn === "user").id });
  }

  async end() {
    this.process.removeAllListeners("exit");
    const ended = new Promise((done) => this.process.once("exit", done));
    this.process.kill("SIGTERM");
    await ended;
    await rm(this.folder, { recursive: true });
  }
}
