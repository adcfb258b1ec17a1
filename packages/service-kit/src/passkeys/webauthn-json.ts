import type { AuthenticationResponseJSON, RegistrationResponseJSON } from "@simplewebauthn/server";
import Type from "typebox";
import { Compile } from "typebox/compile";

const Base64Url = Type.String({ pattern: "^[A-Za-z0-9_-]+$", maxLength: 20_000 });

const common = {
  id: Base64Url,
  rawId: Base64Url,
  type: Type.Literal("public-key"),
};

const registration = Compile(
  Type.Object({
    ...common,
    response: Type.Object({
      clientDataJSON: Base64Url,
      attestationObject: Base64Url,
      transports: Type.Optional(Type.Array(Type.String({ maxLength: 32 }), { maxItems: 8 })),
    }),
  }),
);

const authentication = Compile(
  Type.Object({
    ...common,
    response: Type.Object({
      clientDataJSON: Base64Url,
      authenticatorData: Base64Url,
      signature: Base64Url,
      userHandle: Type.Optional(Base64Url),
    }),
  }),
);

/** What a browser answered to `navigator.credentials.create`; `undefined` for any other form. */
export function parseRegistration(value: unknown): RegistrationResponseJSON | undefined {
  if (!registration.Check(value)) return undefined;
  const { clientDataJSON, attestationObject, transports } = value.response;
  return {
    id: value.id,
    rawId: value.rawId,
    type: value.type,
    clientExtensionResults: {},
    response: { clientDataJSON, attestationObject, ...(transports === undefined ? {} : { transports }) },
  };
}

/** What a browser answered to `navigator.credentials.get`; `undefined` for any other form. */
export function parseAuthentication(value: unknown): AuthenticationResponseJSON | undefined {
  if (!authentication.Check(value)) return undefined;
  const { clientDataJSON, authenticatorData, signature, userHandle } = value.response;
  return {
    id: value.id,
    rawId: value.rawId,
    type: value.type,
    clientExtensionResults: {},
    response: {
      clientDataJSON,
      authenticatorData,
      signature,
      ...(userHandle === undefined ? {} : { userHandle }),
    },
  };
}
