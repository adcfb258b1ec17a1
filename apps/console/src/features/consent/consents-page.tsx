import "./texts/index.ts";
import "./consent.css";
import { CONSENT_PURPOSE_TEXTS, NOTICE_PART_TEXTS, type NoticeFault } from "@menshen/domain";
import {
  type ChangeReason,
  consentDeskEndpoints,
  consentNoticeEndpoints,
  type NoticeDraftRecord,
  type PublishedNotice,
} from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay, useSignedIn } from "../../api/session.tsx";
import { useHeldReason, useViewKey } from "../../api/view-reason.ts";
import { DayText, ExactMoment } from "../../components/moments.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Failed, Loading } from "../../components/page-states.tsx";
import { ReasonButton } from "../../components/reason-form.tsx";
import { NamesOnRequest } from "../../components/residents-data.tsx";
import { usePreferences } from "../../preferences.tsx";
import { changedParts, EMPTY_FORM, formOf, type NoticeForm } from "./notice-draft.ts";
import { NoticeEditor } from "./notice-editor.tsx";
import { formNumber, PaperForm } from "./paper-form.tsx";

/** What is open beside the lists. */
type Open =
  | { readonly what: "form"; readonly notice: PublishedNotice }
  | {
      readonly what: "editor";
      readonly begun: NoticeForm;
      readonly seriesId?: string;
      readonly draft?: NoticeDraftRecord;
    };

/** What residents are asked, in which words, and the papers that came back. */
export default function ConsentsPage() {
  const { t } = useTranslation();
  const { t: text } = useTranslation("consent");
  const mayWrite = useMay("notices.write");
  const mayKeep = useMay("consents.keep");
  const { timeZone } = useSignedIn().community;
  const [open, setOpen] = useState<Open>();
  const notices = useQuery({
    queryKey: [consentNoticeEndpoints.published.id],
    queryFn: ({ signal }) => call(consentNoticeEndpoints.published, { signal }),
  });
  const head = <PageHead title={t("nav.consents")} lead={text("lead")} />;
  if (notices.isPending) return <Loading />;
  if (notices.isError) {
    return (
      <>
        {head}
        <Failed error={notices.error} onRetry={() => void notices.refetch()} />
      </>
    );
  }
  const close = () => setOpen(undefined);
  if (open?.what === "form") return <PaperForm notice={open.notice} onClose={close} />;
  if (open?.what === "editor") {
    const { what: _, ...editor } = open;
    return (
      <>
        {head}
        <NoticeEditor {...editor} onDone={close} />
      </>
    );
  }
  const { items } = notices.data;
  return (
    <>
      {head}
      {mayKeep ? <Papers /> : null}
      <section className="section" aria-labelledby="notices-published">
        <h2 id="notices-published">{text("published")}</h2>
        {items.length === 0 ? <p>{text("none")}</p> : null}
        <ul className="plain-list">
          {items.map((notice) => (
            <Notice
              key={notice.id}
              notice={notice}
              before={items.find(
                (one) => one.seriesId === notice.seriesId && one.version === notice.version - 1,
              )}
              onForm={() => setOpen({ what: "form", notice })}
              {...(mayWrite && notice.current
                ? {
                    onNext: () =>
                      setOpen({
                        what: "editor",
                        begun: formOf(notice, timeZone),
                        seriesId: notice.seriesId,
                      }),
                  }
                : {})}
            />
          ))}
        </ul>
      </section>
      {mayWrite ? (
        <Drafts
          onBegin={() => setOpen({ what: "editor", begun: EMPTY_FORM })}
          onEdit={(draft) => {
            const [purpose = EMPTY_FORM.purpose] = draft.draft.purposes;
            const begun = formOf({ ...draft.draft, purpose }, timeZone);
            setOpen({ what: "editor", begun, draft });
          }}
        />
      ) : null}
    </>
  );
}

function useOwnLanguage(): "zh-CN" | "en" {
  return usePreferences().language === "en" ? "en" : "zh-CN";
}

function Notice(props: {
  notice: PublishedNotice;
  before: PublishedNotice | undefined;
  onForm: () => void;
  onNext?: () => void;
}) {
  const { t: text } = useTranslation("consent");
  const own = useOwnLanguage();
  const [compares, setCompares] = useState(false);
  const { notice, before, onForm, onNext } = props;
  return (
    <li>
      <span>
        <strong>{CONSENT_PURPOSE_TEXTS[notice.purpose][own]}</strong> · {notice.processor.name} ·{" "}
        {text("version", { version: notice.version })} · {text(notice.current ? "current" : "former")}
        <br />
        <span className="quiet">
          {text("ends")} <DayText epochMs={notice.endsAt} /> ·{" "}
          {text("papers.number", { number: formNumber(notice) })}
        </span>
      </span>
      <span className="actions">
        {notice.current ? <Button onClick={onForm}>{text("form")}</Button> : null}
        {onNext === undefined ? null : <Button onClick={onNext}>{text("next")}</Button>}
        {before === undefined ? null : (
          <Button aria-expanded={compares} onClick={() => setCompares(!compares)}>
            {text(compares ? "hideCompare" : "compare")}
          </Button>
        )}
      </span>
      {compares && before !== undefined ? <Comparison before={before} after={notice} /> : null}
    </li>
  );
}

function Comparison(props: { before: PublishedNotice; after: PublishedNotice }) {
  const { t: text } = useTranslation("consent");
  const own = useOwnLanguage();
  const { before, after } = props;
  const others = ({ subProcessors }: PublishedNotice) =>
    subProcessors.map(({ name, task }) => `${name} (${task})`).join(" · ");
  const rows = [
    [text("field.processor"), before.processor.name, after.processor.name],
    [text("field.subProcessors"), others(before), others(after)],
    ...changedParts(before.texts, after.texts).map((part) => [
      NOTICE_PART_TEXTS[part][own],
      before.texts[part][own],
      after.texts[part][own],
    ]),
  ].filter(([, was, is]) => was !== is);
  return (
    <table className="notice-compare">
      <thead>
        <tr>
          <th scope="col">{text("changedPart")}</th>
          <th scope="col">{text("version", { version: before.version })}</th>
          <th scope="col">{text("version", { version: after.version })}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, was, is]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{was}</td>
            <td>{is}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Drafts(props: { onBegin: () => void; onEdit: (draft: NoticeDraftRecord) => void }) {
  const { t: text } = useTranslation("consent");
  const drafts = useQuery({
    queryKey: [consentNoticeEndpoints.drafts.id],
    queryFn: ({ signal }) => call(consentNoticeEndpoints.drafts, { signal }),
  });
  return (
    <section className="section" aria-labelledby="notices-drafts">
      <h2 id="notices-drafts">{text("drafts")}</h2>
      <p className="quiet">{text("publishHelp")}</p>
      {drafts.data?.items.length === 0 ? <p>{text("noDrafts")}</p> : null}
      <ul className="plain-list">
        {drafts.data?.items.map((draft) => (
          <Draft key={draft.id} draft={draft} onEdit={() => props.onEdit(draft)} />
        ))}
      </ul>
      <Button onClick={props.onBegin}>{text("begin")}</Button>
    </section>
  );
}

/** Codes that this screen has words for. */
function isFault(code: string): code is NoticeFault {
  return code in FAULTS;
}
const FAULTS: Readonly<Record<NoticeFault, true>> = {
  bundled: true,
  "no-purpose": true,
  "locked-purpose": true,
  "no-end": true,
  "end-past": true,
  "end-too-far": true,
  irrevocable: true,
  "sub-licensable": true,
  incomplete: true,
  "biometric-transfer": true,
};

function Draft(props: { draft: NoticeDraftRecord; onEdit: () => void }) {
  const { t: text } = useTranslation("consent");
  const own = useOwnLanguage();
  const { id, revision, draft, faults, draftedAt } = props.draft;
  const params = { id };
  const publish = useChange(
    (reason: ChangeReason) => call(consentNoticeEndpoints.publish, { params, body: { revision }, reason }),
    { doneText: text("publishedNow") },
  );
  const discard = useChange(() => call(consentNoticeEndpoints.discard, { params }));
  const [purpose] = draft.purposes;
  return (
    <li>
      <span>
        <strong>{purpose === undefined ? "–" : CONSENT_PURPOSE_TEXTS[purpose][own]}</strong> ·{" "}
        {draft.processor.name} · <ExactMoment epochMs={draftedAt} />
        {faults.filter(isFault).map((fault) => (
          <span key={fault} className="quiet">
            <br />
            {text(`faults.${fault}`)}
          </span>
        ))}
      </span>
      <span className="actions">
        <Button onClick={props.onEdit}>{text("edit")}</Button>
        <Button loading={discard.isPending} onClick={() => discard.mutate(undefined)}>
          {text("discard")}
        </Button>
        {faults.length > 0 ? null : (
          <ReasonButton
            label={text("publish")}
            isPrimary
            isPending={publish.isPending}
            onConfirm={(reason) => publish.mutate(reason)}
          />
        )}
      </span>
    </li>
  );
}

function Papers() {
  const { t: text } = useTranslation("consent");
  const own = useOwnLanguage();
  const held = useHeldReason();
  const waiting = useQuery({
    queryKey: [consentDeskEndpoints.waiting.id, useViewKey()],
    queryFn: ({ signal }) => call(consentDeskEndpoints.waiting, { signal }),
    enabled: held !== undefined,
  });
  const confirm = useChange((id: string) => call(consentDeskEndpoints.confirm, { params: { id } }), {
    doneText: text("papers.confirmed"),
  });
  return (
    <section className="section" aria-labelledby="consent-papers">
      <h2 id="consent-papers">{text("papers.title")}</h2>
      <NamesOnRequest text={text("papers.ask")} permission="consents.keep" />
      {held === undefined ? null : waiting.data?.items.length === 0 ? <p>{text("papers.none")}</p> : null}
      <ul className="plain-list">
        {(held === undefined ? [] : (waiting.data?.items ?? [])).map((paper) => (
          <li key={paper.recordId}>
            <span>
              <strong>{paper.displayName}</strong> · {CONSENT_PURPOSE_TEXTS[paper.purpose][own]} ·{" "}
              {paper.processor}
              <br />
              <span className="quiet">
                {text("papers.number", { number: formNumber({ sha256: paper.noticeSha256 }) })} ·{" "}
                <ExactMoment epochMs={paper.enteredAt} />
              </span>
            </span>
            {paper.own ? (
              <span className="quiet">{text("papers.own")}</span>
            ) : (
              <Button
                type="primary"
                loading={confirm.isPending}
                onClick={() => confirm.mutate(paper.recordId)}
              >
                {text("papers.confirm")}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
