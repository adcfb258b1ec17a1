import "../deletion-texts/index.ts";
import { StateMark } from "@menshen/ui";
import { type BodyOf, VENDOR_EXIT_OUTCOMES, type VendorExit, vendorExitEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button, Form, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { ExactMoment } from "../../components/moments.tsx";

type Receipt = BodyOf<typeof vendorExitEndpoints.receipt>;

/** A vendor that goes: every store and device of theirs, each with its receipt. */
export function VendorExitPart(props: { vendorId: string }) {
  const { t } = useTranslation("deletion");
  const mayWrite = useMay("vendor-pages.write");
  const [isBeginning, setIsBeginning] = useState(false);
  const exits = useQuery({
    queryKey: [vendorExitEndpoints.list.id],
    queryFn: ({ signal }) => call(vendorExitEndpoints.list, { signal }),
  });
  const begin = useChange(
    (body: BodyOf<typeof vendorExitEndpoints.begin>) =>
      call(vendorExitEndpoints.begin, { params: { id: props.vendorId }, body }),
    { onDone: () => setIsBeginning(false) },
  );
  const own = exits.data?.items.filter(({ vendorId }) => vendorId === props.vendorId) ?? [];
  if (own.length > 0) return own.map((exit) => <OneExit key={exit.id} exit={exit} mayWrite={mayWrite} />);
  if (!mayWrite || exits.data === undefined) return null;
  if (!isBeginning) return <Button onClick={() => setIsBeginning(true)}>{t("exit.begin")}</Button>;
  return (
    <Form<BodyOf<typeof vendorExitEndpoints.begin>>
      layout="vertical"
      onFinish={(values) => begin.mutate(values)}
    >
      <p className="quiet">{t("exit.lead")}</p>
      <Form.Item
        name="ground"
        label={t("exit.ground")}
        rules={[{ required: true, min: 4, message: t("exit.missing") }]}
      >
        <Input maxLength={1_000} />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={begin.isPending}>
        {t("exit.begin")}
      </Button>
    </Form>
  );
}

function OneExit(props: { exit: VendorExit; mayWrite: boolean }) {
  const { t } = useTranslation("deletion");
  const { exit, mayWrite } = props;
  const title = `exit-${exit.id}`;
  const missing = exit.items.filter(({ outcome }) => outcome === undefined).length;
  const close = useChange(() => call(vendorExitEndpoints.close, { params: { id: exit.id } }));
  return (
    <section aria-labelledby={title}>
      <h3 id={title}>{t("exit.title")}</h3>
      <p className="quiet">{exit.ground}</p>
      {exit.closedAt === undefined ? (
        <StateMark tone="refused">{t("exit.open", { count: missing })}</StateMark>
      ) : (
        <StateMark tone="granted">
          {t("exit.closed")}
          <ExactMoment epochMs={exit.closedAt} />
        </StateMark>
      )}
      <ul className="plain-list">
        {exit.items.map((item) => (
          <li key={item.id}>
            <span>
              {t(`exit.kind.${item.kind}`)} · {item.name}
            </span>
            {item.outcome === undefined ? (
              mayWrite && exit.closedAt === undefined ? (
                <ReceiptForm exitId={exit.id} itemId={item.id} isStore={item.kind === "store"} />
              ) : null
            ) : (
              <span>
                {t(`exit.outcome.${item.outcome}`)}
                {item.leafIndex === undefined ? null : (
                  <a href={`/public/#leaf=${item.leafIndex}`}> #{item.leafIndex}</a>
                )}
              </span>
            )}
          </li>
        ))}
      </ul>
      {mayWrite && exit.closedAt === undefined ? (
        <Button loading={close.isPending} onClick={() => close.mutate(undefined)}>
          {t("exit.close")}
        </Button>
      ) : null}
    </section>
  );
}

function ReceiptForm(props: { exitId: string; itemId: string; isStore: boolean }) {
  const { t } = useTranslation("deletion");
  const { exitId: id, itemId } = props;
  const enter = useChange((body: Receipt) =>
    call(vendorExitEndpoints.receipt, { params: { id, itemId }, body }),
  );
  const outcomes = VENDOR_EXIT_OUTCOMES.filter((outcome) => outcome !== "kept" || !props.isStore);
  return (
    <Form<Receipt> layout="vertical" onFinish={(values) => enter.mutate(values)}>
      <Form.Item name="outcome" label={t("exit.outcomeLabel")} initialValue="returned">
        <Select options={outcomes.map((value) => ({ value, label: t(`exit.outcome.${value}`) }))} />
      </Form.Item>
      <Form.Item
        name="words"
        label={t("exit.words")}
        rules={[{ required: true, min: 4, message: t("exit.missing") }]}
      >
        <Input maxLength={1_000} />
      </Form.Item>
      <Button htmlType="submit" loading={enter.isPending}>
        {t("exit.enter")}
      </Button>
    </Form>
  );
}
