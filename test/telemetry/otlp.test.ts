import { expect, it } from "vitest";
import { telemetryLimits } from "../../src/core/limits.ts";
import { keyValues, nanos, tracesRequest } from "../../src/telemetry/otlp.ts";

it("cuts attributes and error messages at their bounds", () => {
  const long = "x".repeat(telemetryLimits.contentCharactersMax + 1);
  expect(keyValues({ long })).toEqual([{ key: "long", value: { stringValue: long.slice(1) } }]);
  const span = {
    traceId: "0af7651916cd43dd8448eb211c80319c",
    spanId: "b7ad6b7169203331",
    parentSpanId: undefined,
    name: "chat",
    startMs: 10,
    endMs: 5,
    attributes: {},
    error: "y".repeat(telemetryLimits.attributeCharactersMax + 1),
  };
  const written = JSON.stringify(tracesRequest({ serviceName: "s", instanceId: "i" }, [span]));
  expect(written).toContain(`"${"y".repeat(telemetryLimits.attributeCharactersMax)}"`);
  // A clock that is set back does not make a span end before it begins.
  expect(written).toContain('"startTimeUnixNano":"10000000","endTimeUnixNano":"10000000"');
});

it("writes times to the nanosecond, which a number could not hold", () => {
  expect(nanos(Date.UTC(2026, 10, 22) + 0.123)).toBe("1795305600000123000");
});
