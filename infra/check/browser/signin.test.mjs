// Signing in by SSO in a real browser, between two sites: the product on localhost, the IdP on 127.0.0.1. What these tests are
// for is what no script can show: which cookies a browser sends where, and that every redirect and form of the way is followed.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { signInAdministrator } from "./administrator.mjs";
import { cookiesOf, newProfile, startChromium } from "./chromium.mjs";
import { startStack } from "./stack.mjs";

const directory = "browser", domain = "browser.example", wanda = "wanda@browser.example", name = "Wanda Wright";
let stack, browser, administrator, login, acs;

before(async () => {
  [stack, browser] = await Promise.all([startStack(), startChromium()]);
  await stack.domain(domain);
  await stack.directory(directory, wanda, name);
  administrator = await signInAdministrator(browser, stack);
});
after(async () => {
  await browser?.close();
  await stack?.end();
});

/** Opens a profile at the IdP, sent there by the product. */
async function atTheIdP(query = "") {
  const profile = await newProfile(browser);
  const page = await profile.newPage();
  await page.goto(login + query);
  assert.equal(new URL(page.url()).hostname, "127.0.0.1", "another site than localhost");
  return { profile, page };
}

/** Chooses who signs in, on the IdP's page, and waits for the product's answer. */
async function choose(page) {
  const answered = page.waitForResponse((response) => response.url() === acs);
  await page.getByRole("button", { name }).click();
  const answer = await answered;
  await page.waitForURL(`${stack.url}/**`);
  return answer;
}

/** Signs somebody in at the IdP and keeps the answer from the product, as somebody does who wants to use it elsewhere. */
async function keepAnswer(page) {
  const kept = new Promise((found) => page.route(acs, (route) => { found(new URLSearchParams(route.request().postData())); return route.abort(); }));
  await page.getByRole("button", { name }).click();
  return Object.fromEntries(await kept);
}

/** Has a page of another site post a form to the product, as a page of an attacker can. */
async function postFromElsewhere(page, fields) {
  await page.goto((await stack.local("GET", "idp")).url);
  const answered = page.waitForResponse(acs);
  await page.evaluate(([action, all]) => {
    const form = Object.assign(document.createElement("form"), { method: "post", action });
    for (const [name, value] of Object.entries(all)) form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    document.body.append(form);
    setTimeout(() => form.submit()); // not before this has been answered
  }, [acs, fields]);
  await page.waitForURL(`${stack.url}/**`); // where the answer leads, too
  return answered;
}

/** Who is signed in in a profile; undefined is nobody. */
async function whoIs(profile) {
  const answer = await profile.request.get(`${stack.url}/v1/me`);
  return answer.ok() ? (await answer.json()).email : undefined;
}

describe("the wizard", () => {
  let connection;

  it("SSO-3: tests in a new window what was saved, and signs nobody in", async () => {
    connection = await administrator.begin(directory, domain);
    const { popup, test } = await administrator.test(connection.id, name);
    assert.match(await popup.textContent("body"), /The test passed/);
    assert.deepEqual([test.outcome, test.means], ["passed", "match"]);
    assert.equal((await administrator.ask("GET", "/v1/me")).email, stack.seed.client.admin.email, "the window is of the administrator's browser");
  });

  it("SSO-3: a test's link does nothing in another browser", async () => {
    const { url } = await administrator.ask("POST", `${administrator.connections}/${connection.id}/tests`);
    const page = await (await newProfile(browser)).newPage();
    assert.equal((await page.goto(url)).status(), 403);
    assert.equal(await page.textContent("#code"), "another-browser");
  });

  it("SSO-4: the connection goes live", async () => {
    const active = await administrator.activate(connection.id);
    assert.equal(active.status, "active");
    ({ loginUrl: login, acsUrl: acs } = active.sp);
  });
});

describe("signing in by SSO", () => {
  it("LOG-1: continue with email leads to the IdP of the address", async () => {
    const profile = await newProfile(browser);
    const page = await profile.newPage();
    await page.goto(`${stack.url}/healthz`);
    const found = await page.evaluate(async (email) => {
      const answer = await fetch("/v1/session/discover", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ email }) });
      return answer.json();
    }, wanda);
    assert.equal(found.next, "sso");
    await page.evaluate((url) => { setTimeout(() => location.assign(url)); }, found.redirectUrl);
    await page.getByRole("button", { name }).waitFor();
    await choose(page);
    assert.equal(await whoIs(profile), wanda);
  });

  it("LOG-2: goes to the IdP and comes back signed in, to where it wanted to", async () => {
    const { profile, page } = await atTheIdP("?return=/v1/me");
    const answer = await choose(page);
    assert.equal(answer.status(), 303);
    assert.equal(page.url(), `${stack.url}/v1/me`);
    assert.equal(JSON.parse(await page.textContent("body")).email, wanda);
    const { tenantry, ...others } = await cookiesOf(profile, stack.url);
    assert.deepEqual([tenantry.httpOnly, tenantry.sameSite, Object.keys(others)], [true, "Lax", []], "the session's cookie, and none of the way");
  });

  it("LOG-2: is bound to its browser by a cookie that comes with the IdP's form, as the session's does not", async () => {
    const { profile, page } = await atTheIdP();
    const [bound] = Object.values(await cookiesOf(profile, stack.url));
    assert.deepEqual([bound.httpOnly, bound.secure, bound.sameSite], [true, true, "None"]);
    await choose(page);
    await page.goto(login); // with a session by now
    const sent = page.waitForRequest(acs);
    await page.getByRole("button", { name }).click();
    const cookies = (await (await sent).allHeaders()).cookie;
    assert.match(cookies, /^tenantry-saml-[\w-]+=[^;]+$/);
  });

  it("LOG-2: lets several tabs of a browser sign in at a time", async () => {
    const { profile, page } = await atTheIdP();
    const second = await profile.newPage();
    await second.goto(login);
    assert.equal((await choose(page)).status(), 303);
    assert.equal((await choose(second)).status(), 303);
  });

  it("LOG-2: login CSRF: an answer for another browser signs nobody in", async () => {
    const attacker = await atTheIdP();
    const answer = await keepAnswer(attacker.page);
    for (const victim of [await newProfile(browser), (await atTheIdP()).profile]) {
      const page = await victim.newPage();
      assert.equal((await postFromElsewhere(page, answer)).status(), 403);
      assert.equal(await page.textContent("#code"), "try-again");
      assert.equal(await whoIs(victim), undefined);
    }
    const back = await attacker.profile.newPage();
    assert.equal((await postFromElsewhere(back, answer)).status(), 303, "the attempts used nothing up");
    assert.equal(await whoIs(attacker.profile), wanda);
  });

  it("LOG-2: an answer that is sent again signs nobody in", async () => {
    const { profile, page } = await atTheIdP();
    const answer = await keepAnswer(page);
    const next = await profile.newPage();
    assert.equal((await postFromElsewhere(next, answer)).status(), 303);
    await profile.clearCookies({ name: "tenantry" });
    assert.equal((await postFromElsewhere(next, answer)).status(), 403);
    assert.equal(await whoIs(profile), undefined);
  });

  it("LOG-2: a sign-in that begins at the IdP is refused where the connection does not take them", async () => {
    const profile = await newProfile(browser);
    const page = await profile.newPage();
    await page.goto((await stack.local("GET", `idp/${directory}`)).url);
    const answered = page.waitForResponse(acs);
    await page.getByRole("row", { name: wanda }).getByRole("button").click();
    assert.equal((await answered).status(), 403);
    assert.equal(await whoIs(profile), undefined);
  });

  it("LOG-2: RelayState leads nowhere else", async () => {
    const { profile, page } = await atTheIdP();
    const answer = await keepAnswer(page);
    const next = await profile.newPage();
    await postFromElsewhere(next, { ...answer, RelayState: "https://attacker.example/" });
    await next.waitForURL(`${stack.url}/**`);
    assert.equal(await whoIs(profile), wanda);
  });

  it("LOG-2: a refusal is a page with a sentence that gives nothing away", async () => {
    await stack.local("PUT", `idp/${directory}/misbehaviours`, [{ kind: "wrong-audience", times: 1 }]);
    const { profile, page } = await atTheIdP();
    assert.equal((await choose(page)).status(), 403);
    assert.equal(await page.textContent("#code"), "ask-administrator");
    assert.doesNotMatch(await page.textContent("body"), /audience|elsewhere/i);
    assert.equal(await whoIs(profile), undefined);
  });

  it("PER-6: signing in again at the IdP keeps the session, and makes it a fresh one", async () => {
    const { profile, page } = await atTheIdP();
    await choose(page);
    await page.goto(`${login}?again=1&return=/v1/me`);
    assert.match(await page.textContent("body"), /sign in anew/);
    await choose(page);
    assert.equal(await whoIs(profile), wanda);
  });
});

describe("the identity provider's page", () => {
  it("SCI-2: brings people and groups, and what is changed there", async () => {
    const page = await (await newProfile(browser)).newPage();
    const push = () => page.getByRole("button", { name: /^Push \d+ changes$/ });
    await page.goto(`${(await stack.local("GET", "idp")).url}/acme`);
    await push().click();
    await page.getByText("Push 0 changes").waitFor();
    const person = page.getByRole("row").filter({ hasText: "zoe@acme.example" });
    await person.getByText("change").click();
    await person.getByLabel("Last name").fill("Newman");
    await person.getByRole("button", { name: "Save" }).click();
    await page.getByText("Push 1 changes").waitFor();
    await push().click();
    await page.getByText("Push 0 changes").waitFor();
    const { items } = await stack.call("GET", `${stack.org}/sso-connections/${stack.seed.client.connectionId}/scim/users?withoutRole=true`);
    assert.deepEqual(items.map((user) => user.name), ["Zoe Newman"]);
  });
});
