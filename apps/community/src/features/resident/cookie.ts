import type { FastifyReply, FastifyRequest } from "fastify";

/** Name in the OpenAPI document too. Nothing but the resident's own routes is sent this cookie. */
const COOKIE = "menshen_resident";
const PATH = "/api/v1/resident";

export function readResidentCookie(request: FastifyRequest): string | undefined {
  return request.cookies[COOKIE];
}

/** `secure` only where the site is reached by HTTPS; scripts never see the cookie, other sites never send it. */
export function writeResidentCookie(
  reply: FastifyReply,
  session: { readonly token: string; readonly expiresAt: number; readonly shared?: boolean },
  secure: boolean,
): void {
  reply.setCookie(COOKIE, session.token, {
    httpOnly: true,
    sameSite: "strict",
    path: PATH,
    secure,
    ...(session.shared === true ? {} : { expires: new Date(session.expiresAt) }),
  });
}

export function clearResidentCookie(reply: FastifyReply, secure: boolean): void {
  reply.clearCookie(COOKIE, { httpOnly: true, sameSite: "strict", path: PATH, secure });
}
