import { StateMark } from "@menshen/ui";
import { type EnrolmentCode, type Gate, type GateCreate, gateEndpoints } from "@menshen/wire";
import { Alert, Button, Drawer, Form, Input, InputNumber, type TableColumnsType } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { call } from "../../api/client.ts";
import { usePaged } from "../../api/paged.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { ExactMoment, RelativeMoment } from "../../components/moments.tsx";
import { Empty } from "../../components/page-states.tsx";
import { PagedTable } from "../../components/paged-table.tsx";
import { VendorChoice } from "../../components/vendor-choice.tsx";
import { GateSheet } from "./gate-sheet.tsx";

/** The boxes that decide: online or not, since when; a new one gets a one-time code for its installer. */
export function Gates() {
  const { t } = useTranslation();
  const mayWrite = useMay("gates.write");
  const [search, setSearch] = useSearchParams();
  const gates = usePaged(gateEndpoints.list, { limit: 200 });
  const [code, setCode] = useState<EnrolmentCode>();
  const makeCode = useChange((id: string) => call(gateEndpoints.enrolmentCode, { params: { id } }), {
    onDone: setCode,
    doneText: t("doors.codeMade"),
  });
  const [form] = Form.useForm<GateCreate>();
  const add = useChange(
    (body: GateCreate) => call(gateEndpoints.create, { body, reason: { code: "installation" } }),
    {
      onDone: (gate) => {
        form.resetFields();
        makeCode.mutate(gate.id);
      },
    },
  );

  const columns: TableColumnsType<Gate> = [
    {
      key: "name",
      title: t("common.name"),
      render: (_, gate) => (
        <button type="button" className="link-button" onClick={() => setSearch({ gate: gate.id })}>
          {gate.name}
        </button>
      ),
    },
    {
      key: "link",
      title: t("doors.link"),
      render: (_, gate) => (
        <>
          <StateMark
            tone={gate.link === "online" ? "granted" : gate.link === "offline" ? "offline" : "quiet"}
          >
            {gate.enrolment === "revoked" ? t("doors.revoked") : t(`gate.link.${gate.link}`)}
          </StateMark>{" "}
          {gate.linkSince === undefined ? null : <RelativeMoment epochMs={gate.linkSince} />}
        </>
      ),
    },
    { key: "group", title: t("doors.doorGroup"), align: "right", render: (_, gate) => gate.doorGroup },
    {
      key: "actions",
      title: "",
      align: "right",
      render: (_, gate) =>
        mayWrite && gate.enrolment === "new" ? (
          <Button loading={makeCode.isPending} onClick={() => makeCode.mutate(gate.id)}>
            {t("doors.enrolmentCode")}
          </Button>
        ) : null,
    },
  ];

  return (
    <section className="section" aria-labelledby="gates">
      <h2 id="gates">{t("doors.gates")}</h2>
      <PagedTable
        read={gates}
        label={t("doors.gates")}
        rowKey={(gate) => gate.id}
        columns={columns}
        empty={<Empty title={t("doors.noGates")}>{t("doors.noGatesHelp")}</Empty>}
      />
      {code === undefined ? null : (
        <Alert
          type="info"
          closable={{ onClose: () => setCode(undefined) }}
          title={t("doors.codeTitle")}
          description={
            <>
              <p className="code">{code.code}</p>
              <p>
                {t("doors.codeHelp")} <code>{code.enrolUrl}</code> · {t("common.until")}{" "}
                <ExactMoment epochMs={code.expiresAt} />
              </p>
            </>
          }
        />
      )}
      {mayWrite ? (
        <Form<GateCreate>
          form={form}
          layout="inline"
          initialValues={{ doorGroup: 1 }}
          onFinish={(values) => add.mutate({ ...values, name: values.name.trim() })}
        >
          <Form.Item
            name="name"
            rules={[{ required: true, whitespace: true, message: t("people.nameMissing") }]}
          >
            <Input aria-label={t("doors.newGate")} placeholder={t("doors.newGate")} maxLength={80} />
          </Form.Item>
          <Form.Item name="doorGroup" label={t("doors.doorGroup")}>
            <InputNumber min={1} max={13} />
          </Form.Item>
          <VendorChoice />
          <Button htmlType="submit" loading={add.isPending}>
            {t("common.add")}
          </Button>
        </Form>
      ) : null}
      <Drawer
        open={search.get("gate") !== null}
        onClose={() => setSearch({})}
        size={520}
        title={gates.items.find((gate) => gate.id === search.get("gate"))?.name}
        destroyOnHidden
      >
        <GateSheet gateId={search.get("gate") ?? ""} />
      </Drawer>
    </section>
  );
}
