import { expect, test } from "vitest";
import { changedParts, draftOf, EMPTY_FORM, formOf, withText } from "./notice-draft.ts";

const texts = withText(EMPTY_FORM.texts, "why", "en", "notices");
const form = {
  ...EMPTY_FORM,
  controllerName: " 海棠物业 ",
  subProcessors: "云公司：存放\n\nPost: letters: two",
  endsOn: "2027-11-22",
  texts,
};

test("a form becomes a draft that can be withdrawn, ends with its last day, and goes to nobody else unseen", () => {
  const draft = draftOf(form, "Asia/Shanghai");
  expect(draft).toMatchObject({
    purposes: ["service-contact"],
    controller: { name: "海棠物业", contact: "" },
    subProcessors: [
      { name: "云公司", task: "存放" },
      { name: "Post", task: "letters: two" },
    ],
    revocable: true,
    sublicensable: false,
  });
  expect(draft.endsAt).toBe(Date.parse("2027-11-23T00:00:00+08:00"));
  expect(draftOf({ ...form, endsOn: "" }, "Asia/Shanghai").endsAt).toBeUndefined();
});

test("what was written comes back into the form", () => {
  const draft = draftOf(form, "Asia/Shanghai");
  const back = formOf({ ...draft, purpose: "service-contact" }, "Asia/Shanghai");
  expect(draftOf(back, "Asia/Shanghai")).toEqual(draft);
  expect(back.endsOn).toBe("2027-11-22");
});

test("versions are compared part by part", () => {
  expect(changedParts(EMPTY_FORM.texts, texts)).toEqual(["why"]);
  expect(changedParts(texts, texts)).toEqual([]);
});
