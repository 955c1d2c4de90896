// What visitors and agents do on their pages, in their words.

export const PASSWORD = "deskbell-demo";

export class Visitor {
  constructor(page) {
    this.page = page;
    /** On the site: the button in the corner. */
    this.launcher = page.locator("deskbell-chat button");
    /** In the frame: everything else. */
    this.chat = page.locator("deskbell-chat iframe").contentFrame();
    this.log = this.chat.getByRole("log", { name: "Messages" });
    this.box = this.chat.getByRole("textbox", { name: "Your message" });
  }

  async arrive(url, page = "/demo/") {
    await this.page.goto(url + page);
  }

  /** As a shop's customer would: by the button beside the order. */
  async open() {
    await this.page.getByRole("button", { name: "Need help with this order?" }).click();
    await this.box.waitFor();
  }

  async say(text) {
    await this.box.fill(text);
    await this.box.press("Enter");
  }

  said(text) {
    return this.log.getByText(text, { exact: true });
  }

  /** The frame itself, for what is asked of a whole document. */
  frame() {
    return this.page.frames().find((frame) => frame.url().includes("/widget/messenger/"));
  }
}

export class Agent {
  constructor(page) {
    this.page = page;
    this.log = page.getByRole("log", { name: "Messages" });
    this.box = page.getByRole("textbox", { name: "Reply to the visitor" });
  }

  async logIn(url, email) {
    await this.page.goto(`${url}/`);
    await this.page.getByLabel("Tenant").fill("demo");
    await this.page.getByLabel("E-mail").fill(email);
    await this.page.getByLabel("Password").fill(PASSWORD);
    await this.page.getByRole("button", { name: "Log in" }).click();
    await this.page
      .getByRole("button", { name: /, Online$/ })
      .first()
      .waitFor();
  }

  row(name) {
    return this.page.locator("section li a").filter({ hasText: name });
  }

  async pick(name) {
    await this.row(name).first().click();
    await this.log.waitFor();
  }

  async say(text) {
    await this.box.fill(text);
    await this.box.press("Enter");
  }

  async addNote(text) {
    await this.page.getByRole("tab", { name: "Note" }).click();
    const box = this.page.getByRole("textbox", { name: "Note for colleagues" });
    await box.fill(text);
    await box.press("Enter");
    await this.page.getByRole("tab", { name: "Reply" }).click();
  }

  said(text) {
    return this.log.getByText(text, { exact: true });
  }
}
