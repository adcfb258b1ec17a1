import {
  type ChangeReason,
  ownRoleEndpoints,
  type SignInCode,
  STAFF_BODIES,
  STAFF_ROLES,
  type StaffBody,
  type StaffCreate,
  staffEndpoints,
} from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Form, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { usePaged } from "../../api/paged.ts";
import { useChange, useRemoval } from "../../api/records.tsx";
import { useMay, useSignedIn } from "../../api/session.tsx";
import { ExactMoment } from "../../components/moments.tsx";
import { Failed, Loading } from "../../components/page-states.tsx";
import { ReasonButton } from "../../components/reason-form.tsx";

interface AccountValues extends Omit<StaffCreate, "roles" | "ownRoleIds"> {
  /** Names of default roles, ids of the community's own. */
  roles: string[];
}

/** Accounts of the people who work here. A new one gets a one-time link, shown once. */
export function StaffAccounts() {
  const { t } = useTranslation();
  const session = useSignedIn();
  const mayWrite = useMay("staff.write");
  const [signIn, setSignIn] = useState<SignInCode>();
  const staff = useQuery({
    queryKey: [staffEndpoints.list.id],
    queryFn: ({ signal }) => call(staffEndpoints.list, { signal }),
  });
  const ownRoles = usePaged(ownRoleEndpoints.list, { limit: 200 });
  const [form] = Form.useForm<AccountValues>();
  const add = useChange((body: StaffCreate) => call(staffEndpoints.create, { body }), {
    onDone: (answer) => {
      form.resetFields();
      setSignIn(answer.signIn);
    },
  });
  const invite = useChange(
    ({ id, reason }: { id: string; reason: ChangeReason }) =>
      call(staffEndpoints.invite, { params: { id }, reason }),
    { onDone: setSignIn },
  );
  const remove = useRemoval(staffEndpoints);
  if (staff.isPending) return <Loading />;
  if (staff.isError) return <Failed error={staff.error} onRetry={() => void staff.refetch()} />;
  return (
    <section className="section" aria-labelledby="staff">
      <h2 id="staff">{t("settings.staff")}</h2>
      <ul className="plain-list">
        {staff.data.items.map((account) => (
          <li key={account.id}>
            <span>
              <strong>{account.displayName}</strong> · {t(`view.body.${account.body}`)} ·{" "}
              {[
                ...account.roles.map((role) => t(`staffRole.${role}`)),
                ...ownRoles.items.filter(({ id }) => account.ownRoleIds.includes(id)).map(({ name }) => name),
              ].join(t("common.comma"))}{" "}
              · {t("settings.passkeyCount", { count: account.passkeyCount })}
            </span>
            {mayWrite && account.id !== session.staffId ? (
              <span className="actions">
                <ReasonButton
                  label={t("settings.newLink")}
                  isPending={invite.isPending}
                  onConfirm={(reason) => invite.mutate({ id: account.id, reason })}
                />
                <Button
                  type="text"
                  onClick={() => remove.mutate({ id: account.id, name: account.displayName })}
                >
                  {t("common.remove")}
                </Button>
              </span>
            ) : null}
          </li>
        ))}
      </ul>
      {signIn === undefined ? null : (
        <Alert
          type="success"
          closable={{ onClose: () => setSignIn(undefined) }}
          title={t("settings.linkTitle")}
          description={
            <>
              <p className="code">{signIn.link}</p>
              <p>
                {t("common.until")} <ExactMoment epochMs={signIn.expiresAt} />
              </p>
            </>
          }
        />
      )}
      {mayWrite ? (
        <Form<AccountValues>
          form={form}
          layout="inline"
          onValuesChange={({ roles }: Partial<AccountValues>) => {
            const body = roles === undefined ? undefined : bodyOf(roles);
            if (body !== undefined) form.setFieldValue("body", body);
          }}
          onFinish={(values) =>
            add.mutate({
              displayName: values.displayName.trim(),
              roles: STAFF_ROLES.filter((role) => values.roles.includes(role)),
              ownRoleIds: ownRoles.items.map(({ id }) => id).filter((id) => values.roles.includes(id)),
              ...(values.body === undefined ? {} : { body: values.body }),
            })
          }
        >
          <Form.Item
            name="displayName"
            rules={[{ required: true, whitespace: true, message: t("people.nameMissing") }]}
          >
            <Input aria-label={t("common.name")} placeholder={t("common.name")} maxLength={80} />
          </Form.Item>
          <Form.Item name="roles" rules={[{ required: true, message: t("settings.rolesMissing") }]}>
            <Select<string[]>
              mode="multiple"
              aria-label={t("settings.roles")}
              placeholder={t("settings.roles")}
              style={{ minWidth: 220 }}
              options={[
                ...STAFF_ROLES.map((role) => ({ value: role, label: t(`staffRole.${role}`) })),
                ...ownRoles.items.map(({ id, name }) => ({ value: id, label: name })),
              ]}
            />
          </Form.Item>
          <Form.Item name="body" initialValue="property">
            <Select<StaffBody>
              aria-label={t("settings.body")}
              style={{ minWidth: 150 }}
              options={STAFF_BODIES.map((body) => ({ value: body, label: t(`view.body.${body}`) }))}
            />
          </Form.Item>
          <Button htmlType="submit" loading={add.isPending}>
            {t("common.add")}
          </Button>
        </Form>
      ) : null}
    </section>
  );
}

/** The body that a role belongs to, filled in; the server refuses a supervisor who is not the city's. */
function bodyOf(roles: readonly string[]): StaffBody | undefined {
  if (roles.includes("supervisor")) return "city";
  return roles.includes("committee") ? "committee" : undefined;
}
