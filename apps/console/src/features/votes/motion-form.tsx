import {
  type BoundMatter,
  FORBIDDEN_MATTERS,
  type ForbiddenMatter,
  faultOfTimes,
  refuseMotion,
  VOTE_MATTERS,
  type VoteMatter,
} from "@menshen/domain";
import { type MotionDraft, motionEndpoints } from "@menshen/wire";
import { Alert, Button, Checkbox, Input, Select } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useSignedIn } from "../../api/session.tsx";
import { localDateTimeToEpochMs } from "../../components/local-time.ts";
import { useNow } from "../../components/moments.tsx";

/** Matters that a setting asks for, with what it becomes. */
const WITH_SUBJECT: readonly string[] = [
  "new-vendor",
  "retention",
  "grade-deadline",
] satisfies readonly BoundMatter[];

/** A motion in plain words. What no vote decides is refused here already, with its rule. */
export function MotionForm(props: { onDone: () => void }) {
  const { t } = useTranslation();
  const { t: text } = useTranslation("votes");
  const { timeZone } = useSignedIn().community;
  const id = useId();
  const now = useNow(60_000);
  const [matter, setMatter] = useState<VoteMatter | ForbiddenMatter>();
  const [title, setTitle] = useState("");
  const [words, setWords] = useState("");
  const [subject, setSubject] = useState("");
  const [opens, setOpens] = useState("");
  const [closes, setCloses] = useState("");
  const [isSecret, setIsSecret] = useState(false);
  const save = useChange((body: MotionDraft) => call(motionEndpoints.create, { body }), {
    onDone: props.onDone,
  });
  const opensAt = localDateTimeToEpochMs(opens, timeZone);
  const closesAt = localDateTimeToEpochMs(closes, timeZone);
  const refused = matter === undefined ? undefined : refuseMotion({ matter, title, text: words });
  const fault =
    opensAt === undefined || closesAt === undefined ? undefined : faultOfTimes({ opensAt, closesAt }, now);
  const needsSubject = matter !== undefined && WITH_SUBJECT.includes(matter);
  const isComplete =
    title.trim() !== "" &&
    words.trim() !== "" &&
    (!needsSubject || subject.trim() !== "") &&
    refused === undefined &&
    fault === undefined;
  const draft =
    isComplete && matter !== undefined && opensAt !== undefined && closesAt !== undefined
      ? {
          matter,
          title: title.trim(),
          text: words.trim(),
          opensAt,
          closesAt,
          ...(needsSubject ? { subject: subject.trim() } : {}),
          ...(isSecret ? { secret: true } : {}),
        }
      : undefined;
  const options = (
    group: "allowedGroup" | "forbiddenGroup",
    of: readonly (VoteMatter | ForbiddenMatter)[],
  ) => ({
    label: text(group),
    options: of.map((value) => ({ value, label: text(`matter.${value}`) })),
  });
  return (
    <form
      className="intake"
      onSubmit={(event) => {
        event.preventDefault();
        if (draft !== undefined) save.mutate(draft);
      }}
    >
      <div className="form-field">
        <label htmlFor={`${id}-matter`}>{text("form.matter")}</label>
        <Select
          id={`${id}-matter`}
          value={matter ?? null}
          onChange={setMatter}
          options={[options("allowedGroup", VOTE_MATTERS), options("forbiddenGroup", FORBIDDEN_MATTERS)]}
        />
      </div>
      <div className="form-field">
        <label htmlFor={`${id}-title`}>{text("form.title")}</label>
        <Input
          id={`${id}-title`}
          maxLength={80}
          value={title}
          onChange={(event) => setTitle(event.target.value)}
        />
      </div>
      <div className="form-field">
        <label htmlFor={`${id}-text`}>{text("form.text")}</label>
        <Input.TextArea
          id={`${id}-text`}
          rows={5}
          maxLength={4_000}
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
      </div>
      {refused === undefined ? null : (
        <Alert
          type="error"
          showIcon
          title={
            refused.why === "forbidden"
              ? text("form.forbidden", { rules: refused.rules.join("; ") })
              : text("form.needsThree", {
                  matter: text(`matter.${refused.why === "needs-three-quarters" ? refused.matter : "other"}`),
                })
          }
        />
      )}
      {needsSubject ? (
        <div className="form-field">
          <label htmlFor={`${id}-subject`}>{text("form.subject")}</label>
          <Input
            id={`${id}-subject`}
            maxLength={80}
            value={subject}
            aria-describedby={`${id}-subject-help`}
            onChange={(event) => setSubject(event.target.value)}
          />
          <p className="quiet" id={`${id}-subject-help`}>
            {text("form.subjectHelp")}
          </p>
        </div>
      ) : null}
      <div className="intake__pair">
        <div className="form-field">
          <label htmlFor={`${id}-opens`}>{text("form.opens")}</label>
          <Input
            id={`${id}-opens`}
            type="datetime-local"
            value={opens}
            onChange={(event) => setOpens(event.target.value)}
          />
        </div>
        <div className="form-field">
          <label htmlFor={`${id}-closes`}>{text("form.closes")}</label>
          <Input
            id={`${id}-closes`}
            type="datetime-local"
            value={closes}
            onChange={(event) => setCloses(event.target.value)}
          />
        </div>
      </div>
      <div className="form-field">
        <Checkbox
          checked={isSecret}
          aria-describedby={`${id}-secret-help`}
          onChange={(event) => setIsSecret(event.target.checked)}
        >
          {text("form.secret")}
        </Checkbox>
        <p className="quiet" id={`${id}-secret-help`}>
          {text("form.secretHelp")}
        </p>
      </div>
      {fault === undefined ? null : <Alert type="warning" showIcon title={text(`form.times.${fault}`)} />}
      {draft === undefined ? <p className="quiet">{text("form.incomplete")}</p> : null}
      <span className="actions">
        <Button type="primary" htmlType="submit" disabled={draft === undefined} loading={save.isPending}>
          {text("form.save")}
        </Button>
        <Button onClick={props.onDone}>{t("common.cancel")}</Button>
      </span>
    </form>
  );
}
