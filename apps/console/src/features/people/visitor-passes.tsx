import "./visit-texts/index.ts";
import "./visitor-passes.css";
import { QrCode, StateMark, visitWords } from "@menshen/ui";
import {
  type ChangeReason,
  type DwellingVisitorPass,
  type IssuedVisitorPass,
  VISIT_PURPOSES,
  type VisitorPassCreate,
  visitorPassEndpoints,
} from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Alert, App, Button, Checkbox, Drawer, Form, Input, Radio } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useSignedIn } from "../../api/session.tsx";
import { epochMsToLocalDateTime } from "../../components/local-time.ts";
import { useNow } from "../../components/moments.tsx";
import { Failed, Loading } from "../../components/page-states.tsx";
import { ReasonButton } from "../../components/reason-form.tsx";
import { usePreferences } from "../../preferences.tsx";
import { passOf, type VisitDraft } from "./visit-draft.ts";

const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7] as const;
const HOUR_MS = 3_600_000;
const DAY_S = 86_400;

/** A home whose passes are looked at. */
export interface VisitedHome {
  readonly id: string;
  readonly name: string;
}

/** Visitor passes that the desk makes for a home: a new one, and those that were made before. */
export function VisitorPasses(props: { home: VisitedHome | undefined; onClose: () => void }) {
  const { t } = useTranslation("visits");
  const { home } = props;
  return (
    <Drawer
      open={home !== undefined}
      onClose={props.onClose}
      size={520}
      destroyOnHidden
      title={t("title", { home: home?.name ?? "" })}
    >
      {home === undefined ? null : <PassesOf home={home} />}
    </Drawer>
  );
}

function PassesOf(props: { home: VisitedHome }) {
  const { t } = useTranslation("visits");
  const params = { id: props.home.id };
  const [issued, setIssued] = useState<IssuedVisitorPass>();
  const passes = useQuery({
    queryKey: [visitorPassEndpoints.list.id, props.home.id],
    queryFn: ({ signal }) => call(visitorPassEndpoints.list, { params, signal }),
  });
  if (passes.isError) return <Failed error={passes.error} onRetry={() => void passes.refetch()} />;
  if (passes.data === undefined) return <Loading />;
  const { items, doors, longestS } = passes.data;
  return (
    <>
      <p className="quiet">{t("lead")}</p>
      <section aria-labelledby="visit-new">
        <h3 id="visit-new">{t("fresh")}</h3>
        {issued === undefined ? null : <Issued issued={issued} onClose={() => setIssued(undefined)} />}
        {issued === undefined && doors.length === 0 ? <p>{t("noDoors")}</p> : null}
        {issued === undefined && doors.length > 0 ? (
          <NewPass home={props.home} doors={doors} longestS={longestS} onIssued={setIssued} />
        ) : null}
      </section>
      <section aria-labelledby="visit-list">
        <h3 id="visit-list">{t("list")}</h3>
        {items.length === 0 ? (
          <p className="quiet">{t("none")}</p>
        ) : (
          <ul className="visit-list">
            {items.map((pass) => (
              <PassItem key={pass.passId} pass={pass} doors={doors} />
            ))}
          </ul>
        )}
      </section>
    </>
  );
}

function NewPass(props: {
  home: VisitedHome;
  doors: readonly { portalId: string; name: string }[];
  longestS: number;
  onIssued: (issued: IssuedVisitorPass) => void;
}) {
  const { t } = useTranslation("visits");
  const { t: common } = useTranslation();
  const { timeZone } = useSignedIn().community;
  const { doors, longestS, onIssued } = props;
  const [form] = Form.useForm<VisitDraft>();
  const [fault, setFault] = useState<string>();
  const [now] = useState(() => Date.now());
  const issue = useChange(
    ({ pass, reason }: { pass: VisitorPassCreate; reason: ChangeReason }) =>
      call(visitorPassEndpoints.create, { params: { id: props.home.id }, body: pass, reason }),
    { onDone: onIssued },
  );
  const submit = async (reason: ChangeReason) => {
    const draft = await form.validateFields().catch(() => undefined);
    if (draft === undefined) return;
    const checked = passOf(draft, timeZone, longestS);
    if ("fault" in checked) {
      setFault(t(checked.fault, { days: Math.floor(longestS / DAY_S) }));
      return;
    }
    setFault(undefined);
    issue.mutate({ pass: checked.pass, reason });
  };
  const initial: VisitDraft = {
    purpose: "visitor",
    portalIds: doors.map(({ portalId }) => portalId),
    from: epochMsToLocalDateTime(now, timeZone),
    until: epochMsToLocalDateTime(now + 4 * HOUR_MS, timeZone),
    weekdays: [],
    uses: "once",
  };
  return (
    <>
      <Form<VisitDraft> form={form} layout="vertical" initialValues={initial}>
        <Form.Item name="purpose" label={t("purpose")}>
          <Radio.Group options={VISIT_PURPOSES.map((value) => ({ value, label: t(`purposeOf.${value}`) }))} />
        </Form.Item>
        <Form.Item
          name="portalIds"
          label={t("doors")}
          rules={[{ type: "array", min: 1, message: t("doorsMissing") }]}
        >
          <Checkbox.Group options={doors.map(({ portalId, name }) => ({ value: portalId, label: name }))} />
        </Form.Item>
        <div className="visit-times">
          <Form.Item name="from" label={t("from")}>
            <Input type="datetime-local" />
          </Form.Item>
          <Form.Item name="until" label={t("until")}>
            <Input type="datetime-local" />
          </Form.Item>
        </div>
        <Form.Item name="weekdays" label={t("weekdays")} extra={t("everyDay")}>
          <Checkbox.Group
            options={WEEKDAYS.map((day) => ({ value: day, label: common(`weekday.d${day}`) }))}
          />
        </Form.Item>
        <div className="visit-times">
          <Form.Item name="hoursFrom" label={t("hoursFrom")} extra={t("hoursHelp")}>
            <Input type="time" />
          </Form.Item>
          <Form.Item name="hoursUntil" label={t("hoursUntil")}>
            <Input type="time" />
          </Form.Item>
        </div>
        <Form.Item name="uses" label={t("uses")}>
          <Radio.Group
            options={(["once", "many"] as const).map((value) => ({ value, label: t(`usesOf.${value}`) }))}
          />
        </Form.Item>
      </Form>
      {fault === undefined ? null : <Alert type="error" title={fault} />}
      <ReasonButton
        label={t("issue")}
        isPrimary
        isPending={issue.isPending}
        onConfirm={(reason) => void submit(reason)}
      />
    </>
  );
}

/** The pass itself, which the server gives once. */
function Issued(props: { issued: IssuedVisitorPass; onClose: () => void }) {
  const { t } = useTranslation("visits");
  const { message } = App.useApp();
  const { link, text } = props.issued;
  const copy = () =>
    navigator.clipboard.writeText(link).then(
      () => message.success(t("copied")),
      () => message.error(t("notCopied")),
    );
  return (
    <Alert
      type="success"
      closable={{ onClose: props.onClose }}
      title={t("issued")}
      description={
        <div className="visit-issued">
          <QrCode text={text} label={t("qr")} />
          <p className="code">{link}</p>
          <span className="actions">
            <Button type="primary" onClick={() => void copy()}>
              {t("copy")}
            </Button>
            <Button href={link} target="_blank" rel="noopener noreferrer">
              {t("page")}
            </Button>
          </span>
        </div>
      }
    />
  );
}

function PassItem(props: {
  pass: DwellingVisitorPass;
  doors: readonly { portalId: string; name: string }[];
}) {
  const { t } = useTranslation("visits");
  const { t: common } = useTranslation();
  const { language } = usePreferences();
  const { timeZone } = useSignedIn().community;
  const now = useNow(60_000);
  const { pass, doors } = props;
  const { passId, notBefore, notAfter, weekdays, windows, uses } = pass;
  const words = visitWords(
    // Its last second counts whole.
    { from: notBefore, until: (Math.floor(notAfter / 1_000) + 1) * 1_000, weekdays, windows, uses },
    now,
    language,
    timeZone,
  );
  const revoke = useChange(
    (reason: ChangeReason) => call(visitorPassEndpoints.revoke, { params: { passId }, reason }),
    { doneText: t("revoked") },
  );
  const isWaiting = pass.state === "active" && pass.log === "on-its-way";
  const names = doors.filter(({ portalId }) => pass.portalIds.includes(portalId)).map(({ name }) => name);
  return (
    <li>
      <StateMark tone={pass.state === "active" && !isWaiting ? "granted" : "quiet"}>
        {isWaiting ? t("state.waiting") : t(`state.${pass.state}`)}
      </StateMark>
      <p>
        <strong>{t(`purposeOf.${pass.purpose}`)}</strong> · {words.span}
        {words.hours === undefined ? "" : ` · ${words.hours}`} · {words.uses}
      </p>
      <p className="quiet">
        {names.join(common("common.comma"))} · {t("by", { name: pass.staffName })}
      </p>
      {pass.state === "active" ? (
        <div>
          <ReasonButton
            label={t("revoke")}
            isPending={revoke.isPending}
            onConfirm={(reason) => revoke.mutate(reason)}
          />
        </div>
      ) : null}
    </li>
  );
}
