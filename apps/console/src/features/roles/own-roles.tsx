import "./texts/index.ts";
import {
  type OwnRole,
  type OwnRoleCreate,
  ownRoleEndpoints,
  rolePermissionEndpoints,
  STAFF_ROLES,
} from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button, Form, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { usePaged } from "../../api/paged.ts";
import { useChange, useRemoval } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { Failed, Loading } from "../../components/page-states.tsx";

/** Roles that this community made of permissions. */
export function OwnRoles() {
  const { t } = useTranslation("roles");
  const { t: tc } = useTranslation();
  const mayWrite = useMay("staff.write");
  const roles = usePaged(ownRoleEndpoints.list, { limit: 200 });
  const remove = useRemoval(ownRoleEndpoints);
  const [edited, setEdited] = useState<OwnRole>();
  if (roles.isPending) return <Loading />;
  if (roles.isError) return <Failed error={roles.error} onRetry={() => void roles.refetch()} />;
  return (
    <section className="section" aria-labelledby="own-roles">
      <h2 id="own-roles">{t("title")}</h2>
      <p className="lead">{t("help")}</p>
      {roles.items.length === 0 ? <p className="quiet">{t("none")}</p> : null}
      <ul className="plain-list">
        {roles.items.map((role) => (
          <li key={role.id}>
            <span>
              <strong>{role.name}</strong> · {tc(`staffRole.${role.base}`)} ·{" "}
              {role.permissions.map((permission) => t(`permission.${permission}`)).join(tc("common.comma"))}
            </span>
            {mayWrite ? (
              <span className="actions">
                <Button type="text" onClick={() => setEdited(role)}>
                  {t("edit")}
                </Button>
                <Button type="text" onClick={() => remove.mutate({ id: role.id, name: role.name })}>
                  {tc("common.remove")}
                </Button>
              </span>
            ) : null}
          </li>
        ))}
      </ul>
      {mayWrite ? (
        <RoleForm key={edited?.id ?? "new"} role={edited} onSaved={() => setEdited(undefined)} />
      ) : null}
    </section>
  );
}

function RoleForm(props: { role: OwnRole | undefined; onSaved: () => void }) {
  const { t } = useTranslation("roles");
  const { t: tc } = useTranslation();
  const { role } = props;
  const [form] = Form.useForm<OwnRoleCreate>();
  const base = Form.useWatch("base", form) ?? role?.base ?? "guard";
  const save = useChange(
    (body: OwnRoleCreate) =>
      role === undefined
        ? call(ownRoleEndpoints.create, { body })
        : call(ownRoleEndpoints.update, {
            params: { id: role.id },
            body: { ...body, revision: role.revision },
          }),
    {
      onDone: () => {
        form.resetFields();
        props.onSaved();
      },
    },
  );
  const kinds = useQuery({
    queryKey: [rolePermissionEndpoints.list.id],
    queryFn: ({ signal }) => call(rolePermissionEndpoints.list, { signal }),
  });
  const offered = kinds.data?.items.find((kind) => kind.base === base)?.permissions ?? [];
  return (
    <Form<OwnRoleCreate>
      name="role"
      form={form}
      layout="vertical"
      style={{ maxWidth: 560 }}
      initialValues={role ?? { base: "guard", permissions: [] }}
      onFinish={(values) =>
        save.mutate({
          name: values.name.trim(),
          base: values.base,
          // Those chosen for another kind before.
          permissions: values.permissions.filter((permission) => offered.includes(permission)),
        })
      }
    >
      <Form.Item
        name="name"
        label={t("name")}
        rules={[{ required: true, whitespace: true, message: t("incomplete") }]}
      >
        <Input maxLength={80} />
      </Form.Item>
      <Form.Item name="base" label={t("base")} extra={t("baseHelp")}>
        <Select options={STAFF_ROLES.map((value) => ({ value, label: tc(`staffRole.${value}`) }))} />
      </Form.Item>
      <Form.Item
        name="permissions"
        label={t("permissions")}
        rules={[{ required: true, type: "array", min: 1, message: t("incomplete") }]}
      >
        <Select
          mode="multiple"
          optionFilterProp="label"
          options={offered.map((value) => ({ value, label: t(`permission.${value}`) }))}
        />
      </Form.Item>
      <Button htmlType="submit" loading={save.isPending}>
        {role === undefined ? t("add") : t("save")}
      </Button>
    </Form>
  );
}
