// The client's administrator in a browser: what the console does there, by the same requests from a page of the product.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { newProfile } from "./chromium.mjs";

/** Signs the administrator in, in a profile of its own. */
export async function signInAdministrator(browser, stack) {
  const page = await (await newProfile(browser)).newPage();
  await page.goto(`${stack.url}/healthz`);
  const administrator = new Administrator(stack, page);
  const { email, password, totpSecret } = stack.seed.client.admin;
  const { challenge } = await administrator.ask("POST", "/v1/session/password", { email, password });
  await administrator.ask("POST", "/v1/session/second-factor", { challenge, code: codeOf(totpSecret) });
  return administrator;
}

class Administrator {
  constructor(stack, page) {
    Object.assign(this, { stack, page });
    this.connections = `${stack.org}/sso-connections`;
  }

  /** Asks the API from the page, with the browser's cookies and headers, and gives the answer's JSON. */
  async ask(method, path, body) {
    const { status, text } = await this.page.evaluate(async ([method, path, body]) => {
      const answer = await fetch(path, { method, body, headers: { "Content-Type": "application/json" } });
      return { status: answer.status, text: await answer.text() };
    }, [method, path, body === undefined ? undefined : JSON.stringify(body)]);
    assert.ok(status < 300, `${method} ${path}: ${status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  }

  /** Goes through the wizard up to the test: a connection with a directory of the IdP, by its metadata URL, for a domain. */
  async begin(directory, domain) {
    const { metadataUrl } = await this.stack.local("GET", `idp/${directory}`);
    const { id } = await this.ask("POST", this.connections, { name: `The directory ${directory}`, provider: "custom" });
    await this.ask("POST", `${this.connections}/${id}/idp-metadata`, { url: metadataUrl });
    return this.ask("PATCH", `${this.connections}/${id}`, { domains: [domain] });
  }

  /** Runs the wizard's test in a new window, where somebody is chosen at the IdP. Gives the window, which shows how it went, and the test. */
  async test(connection, name) {
    const tests = `${this.connections}/${connection}/tests`;
    const { id, url } = await this.ask("POST", tests);
    const opened = this.page.waitForEvent("popup");
    await this.page.evaluate((url) => { window.open(url); }, url);
    const popup = await opened;
    await popup.getByRole("button", { name }).click();
    await popup.waitForURL(`${this.stack.url}/**`);
    return { popup, test: await this.ask("GET", `${tests}/${id}`) };
  }

  activate(connection) { return this.ask("POST", `${this.connections}/${connection}/activate`); }
}

/** The code after the present one, since the seed may have used that (RFC 6238). */
function codeOf(secret) {
  const bits = [...secret].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + 1));
  const mac = createHmac("sha1", Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)))).update(step).digest();
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1e6).padStart(6, "0");
}
