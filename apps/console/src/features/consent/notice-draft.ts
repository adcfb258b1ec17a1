import { type ConsentPurpose, NOTICE_PARTS, type NoticePart } from "@menshen/domain";
import type { NoticeDraftInput } from "@menshen/wire";
import { epochMsToLocalDateTime, localDateTimeToEpochMs } from "../../components/local-time.ts";

type Texts = NoticeDraftInput["texts"];

/** A notice while it is written: as the form has it. */
export interface NoticeForm {
  readonly purpose: ConsentPurpose;
  readonly controllerName: string;
  readonly controllerContact: string;
  readonly processorName: string;
  readonly processorContact: string;
  /** One a line: `NAME: TASK`. */
  readonly subProcessors: string;
  /** `YYYY-MM-DD`, or empty. */
  readonly endsOn: string;
  readonly deleteWithinDays: number;
  readonly texts: Texts;
}

const EMPTY = { "zh-CN": "", en: "" };

export const EMPTY_FORM: NoticeForm = {
  purpose: "service-contact",
  controllerName: "",
  controllerContact: "",
  processorName: "",
  processorContact: "",
  subProcessors: "",
  endsOn: "",
  deleteWithinDays: 7,
  texts: {
    why: EMPTY,
    data: EMPTY,
    method: EMPTY,
    storage: EMPTY,
    necessity: EMPTY,
    effects: EMPTY,
    rights: EMPTY,
  },
};

/**
 * What is sent for a form. Terms that can be withdrawn and passed on to nobody are the only ones the form has.
 *
 * @param timeZone of the community: a notice ends with the end of its last day there
 */
export function draftOf(form: NoticeForm, timeZone: string): NoticeDraftInput {
  const endsAt = form.endsOn === "" ? undefined : localDateTimeToEpochMs(`${form.endsOn}T23:59`, timeZone);
  return {
    purposes: [form.purpose],
    controller: { name: form.controllerName.trim(), contact: form.controllerContact.trim() },
    processor: { name: form.processorName.trim(), contact: form.processorContact.trim() },
    subProcessors: form.subProcessors
      .split("\n")
      .filter((line) => line.trim() !== "")
      .map((line) => {
        const [name = "", ...task] = line.split(/[:：]/);
        return { name: name.trim(), task: task.join(":").trim() };
      }),
    ...(endsAt === undefined ? {} : { endsAt: endsAt + 60_000 }),
    deleteWithinDays: form.deleteWithinDays,
    revocable: true,
    sublicensable: false,
    texts: form.texts,
  };
}

/** The form of something that was written before; its end stays empty if there is none. */
export function formOf(
  draft: Pick<
    NoticeDraftInput,
    "controller" | "processor" | "subProcessors" | "deleteWithinDays" | "texts"
  > & {
    readonly purpose: ConsentPurpose;
    readonly endsAt?: number;
  },
  timeZone: string,
): NoticeForm {
  const { purpose, controller, processor, subProcessors, deleteWithinDays, texts, endsAt } = draft;
  return {
    purpose,
    controllerName: controller.name,
    controllerContact: controller.contact,
    processorName: processor.name,
    processorContact: processor.contact,
    subProcessors: subProcessors.map(({ name, task }) => `${name}：${task}`).join("\n"),
    endsOn: endsAt === undefined ? "" : epochMsToLocalDateTime(endsAt - 60_000, timeZone).slice(0, 10),
    deleteWithinDays,
    texts,
  };
}

/** The texts with one part changed in one language. */
export function withText(texts: Texts, part: NoticePart, language: "zh-CN" | "en", text: string): Texts {
  return { ...texts, [part]: { ...texts[part], [language]: text } };
}

/** Parts whose words differ between two versions, in their order. */
export function changedParts(before: Texts, after: Texts): readonly NoticePart[] {
  return NOTICE_PARTS.filter(
    (part) => before[part]["zh-CN"] !== after[part]["zh-CN"] || before[part].en !== after[part].en,
  );
}
