import { SerializerSelector } from "@fastify/fast-json-stringify-compiler";

const factory = SerializerSelector();

/**
 * What writes answers by the schemas of their routes, each made when its route first answers: a server has hundreds of
 * routes, and making all of them at its start would be most of that start.
 */
export const lateSerializers: typeof factory = (externalSchemas, options) => {
  const make = factory(externalSchemas, options);
  return (route) => {
    let write: ReturnType<typeof make> | undefined;
    return (answer) => {
      write ??= make(route);
      return write(answer);
    };
  };
};
