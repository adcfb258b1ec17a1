import { sha256, toHex } from "@menshen/crypto";
import {
  type BodyOf,
  VENDOR_EXIT_OUTCOMES,
  type VendorExit,
  vendorEndpoints,
  vendorExitEndpoints,
} from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button, Form, Input, Radio, Select } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";

type Receipt = BodyOf<typeof vendorExitEndpoints.receipt>;

/** What became of one store or device, in words, with the fingerprint of the paper that both signed. */
export function ExitReceiptForm(props: {
  exit: VendorExit;
  item: VendorExit["items"][number];
  onClose: () => void;
}) {
  const { t } = useTranslation("deletion");
  const fileId = useId();
  const [hash, setHash] = useState<string>();
  const [form] = Form.useForm<Receipt>();
  const outcome = Form.useWatch("outcome", form);
  const { exit, item } = props;
  const enter = useChange(
    (body: Receipt) => call(vendorExitEndpoints.receipt, { params: { id: exit.id, itemId: item.id }, body }),
    {
      onDone: props.onClose,
      refusedText: (error) => {
        if (!(error instanceof ApiError) || error.code !== "conflict") return undefined;
        return t(form.getFieldValue("outcome") === "kept" ? "exit.stillTheirs" : "exit.inUse");
      },
    },
  );
  const outcomes = VENDOR_EXIT_OUTCOMES.filter((one) => one !== "kept" || item.kind !== "store");
  return (
    <Form<Receipt>
      form={form}
      className="exit-form exit__receipt"
      layout="vertical"
      initialValues={{ outcome: "returned" }}
      onFinish={(values) => enter.mutate({ ...values, ...(hash === undefined ? {} : { sha256: hash }) })}
    >
      <Form.Item name="outcome" label={t("exit.outcomeLabel")}>
        <Radio.Group options={outcomes.map((value) => ({ value, label: t(`exit.outcome.${value}`) }))} />
      </Form.Item>
      {outcome === "kept" && item.kind === "gate" ? <NextVendor leavingId={exit.vendorId} /> : null}
      <Form.Item
        name="words"
        label={t("exit.words")}
        extra={t("exit.wordsHelp")}
        rules={[{ required: true, min: 4, whitespace: true, message: t("exit.missing") }]}
      >
        <Input maxLength={1_000} />
      </Form.Item>
      <div className="form-field">
        <label htmlFor={fileId}>{t("exit.file")}</label>
        <input
          id={fileId}
          type="file"
          onChange={(event) => {
            const file = event.target.files?.[0];
            setHash(undefined);
            void file?.arrayBuffer().then((bytes) => setHash(toHex(sha256(new Uint8Array(bytes)))));
          }}
        />
        <p className="quiet">
          {hash === undefined ? t("exit.fileHelp") : t("exit.fingerprint", { hash: hash.slice(0, 12) })}
        </p>
      </div>
      <span className="actions">
        <Button type="primary" htmlType="submit" loading={enter.isPending}>
          {t("exit.save")}
        </Button>
        <Button onClick={props.onClose}>{t("exit.cancelReceipt")}</Button>
      </span>
    </Form>
  );
}

/** Those who may install something here, but the one that goes. */
function NextVendor(props: { leavingId: string }) {
  const { t } = useTranslation("deletion");
  const vendors = useQuery({
    queryKey: [vendorEndpoints.list.id],
    queryFn: ({ signal }) => call(vendorEndpoints.list, { signal }),
  });
  const able = (vendors.data?.items ?? []).filter(
    ({ id, leaving, missing, needsMotion }) =>
      id !== props.leavingId && leaving === undefined && missing.length === 0 && !needsMotion,
  );
  return (
    <Form.Item
      name="vendorId"
      label={t("exit.next")}
      extra={t("exit.nextHelp")}
      rules={[{ required: true, message: t("exit.nextMissing") }]}
    >
      <Select options={able.map(({ id, page }) => ({ value: id, label: page.name }))} />
    </Form.Item>
  );
}
