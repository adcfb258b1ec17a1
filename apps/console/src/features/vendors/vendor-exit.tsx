import "../deletions/texts/index.ts";
import "./vendor-exit.css";
import { StateMark } from "@menshen/ui";
import { type BodyOf, type VendorExit, vendorExitEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button, Form, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { ExactMoment } from "../../components/moments.tsx";
import { ExitReceiptForm } from "./exit-receipt-form.tsx";

type Item = VendorExit["items"][number];

/** A vendor that goes: every store and device of theirs, each with its receipt. */
export function VendorExitPart(props: { vendorId: string }) {
  const { vendorId } = props;
  const mayWrite = useMay("vendor-pages.write");
  const exits = useQuery({
    queryKey: [vendorExitEndpoints.list.id],
    queryFn: ({ signal }) => call(vendorExitEndpoints.list, { signal }),
  });
  if (exits.data === undefined) return null;
  const own = exits.data.items.filter((exit) => exit.vendorId === vendorId);
  const isGoing = own.some(({ closedAt }) => closedAt === undefined);
  return (
    <>
      {own.map((exit) => (
        <OneExit key={exit.id} exit={exit} mayWrite={mayWrite} />
      ))}
      {mayWrite && !isGoing ? <BeginExit vendorId={vendorId} /> : null}
    </>
  );
}

function BeginExit(props: { vendorId: string }) {
  const { t } = useTranslation("deletion");
  const [isOpen, setIsOpen] = useState(false);
  const begin = useChange(
    (body: BodyOf<typeof vendorExitEndpoints.begin>) =>
      call(vendorExitEndpoints.begin, { params: { id: props.vendorId }, body }),
    { onDone: () => setIsOpen(false) },
  );
  if (!isOpen) {
    return (
      <Button className="exit-begin" onClick={() => setIsOpen(true)}>
        {t("exit.begin")}
      </Button>
    );
  }
  return (
    <Form<BodyOf<typeof vendorExitEndpoints.begin>>
      className="exit-form"
      layout="vertical"
      onFinish={(values) => begin.mutate(values)}
    >
      <p className="quiet">{t("exit.lead")}</p>
      <Form.Item
        name="ground"
        label={t("exit.ground")}
        rules={[{ required: true, min: 4, whitespace: true, message: t("exit.missing") }]}
      >
        <Input maxLength={1_000} />
      </Form.Item>
      <span className="actions">
        <Button type="primary" htmlType="submit" loading={begin.isPending}>
          {t("exit.begin")}
        </Button>
        <Button onClick={() => setIsOpen(false)}>{t("exit.cancel")}</Button>
      </span>
    </Form>
  );
}

function OneExit(props: { exit: VendorExit; mayWrite: boolean }) {
  const { t } = useTranslation("deletion");
  const { exit, mayWrite } = props;
  const title = `exit-${exit.id}`;
  const missing = exit.items.filter(({ outcome }) => outcome === undefined).length;
  const isOpen = exit.closedAt === undefined;
  const close = useChange(() => call(vendorExitEndpoints.close, { params: { id: exit.id } }));
  return (
    <section className="exit" aria-labelledby={title}>
      <h3 id={title}>{t("exit.title")}</h3>
      <p className="quiet">{exit.ground}</p>
      <p role="status">
        {exit.closedAt !== undefined ? (
          <StateMark tone="granted">
            {t("exit.closed")}
            <ExactMoment epochMs={exit.closedAt} />
          </StateMark>
        ) : missing > 0 ? (
          <StateMark tone="refused">{t("exit.open", { count: missing })}</StateMark>
        ) : (
          <StateMark tone="granted">{t("exit.ready")}</StateMark>
        )}
      </p>
      <ul className="plain-list exit__items">
        {exit.items.map((item) => (
          <ExitLine key={item.id} exit={exit} item={item} mayEnter={mayWrite && isOpen} />
        ))}
      </ul>
      {mayWrite && isOpen ? (
        <Button
          type={missing === 0 ? "primary" : "default"}
          disabled={missing > 0}
          loading={close.isPending}
          onClick={() => close.mutate(undefined)}
        >
          {t("exit.close")}
        </Button>
      ) : null}
    </section>
  );
}

/** One form is open at a time where the eye is: a line opens its own. */
function ExitLine(props: { exit: VendorExit; item: Item; mayEnter: boolean }) {
  const { t } = useTranslation("deletion");
  const [isOpen, setIsOpen] = useState(false);
  const { exit, item, mayEnter } = props;
  const { kind, name, outcome, words, sha256, at, leafIndex } = item;
  return (
    <li aria-label={name}>
      <span>
        <span className="quiet">{t(`exit.kind.${kind}`)}</span> {name}
      </span>
      {outcome === undefined ? (
        mayEnter && !isOpen ? (
          <Button onClick={() => setIsOpen(true)}>{t("exit.enter")}</Button>
        ) : null
      ) : (
        <StateMark tone="granted">
          {t(`exit.outcome.${outcome}`)} {at === undefined ? null : <ExactMoment epochMs={at} />}
        </StateMark>
      )}
      {outcome === undefined ? null : (
        <span className="exit__receipt quiet">
          <span>{words}</span>
          {sha256 === undefined ? null : (
            <span title={sha256}>{t("exit.fingerprint", { hash: sha256.slice(0, 12) })}</span>
          )}
          {leafIndex === undefined ? null : (
            <a href={`/public/#leaf=${leafIndex}`}>{t("exit.leaf", { index: leafIndex })}</a>
          )}
        </span>
      )}
      {isOpen && outcome === undefined ? (
        <ExitReceiptForm exit={exit} item={item} onClose={() => setIsOpen(false)} />
      ) : null}
    </li>
  );
}
