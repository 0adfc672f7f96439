import { SwitchyardError } from "../../core/errors.ts";
import { simulatorLimits } from "../../core/limits.ts";
import { type SeededRandom, seededRandom } from "../model/random.ts";
import {
  type Fault,
  type FaultChanceInput,
  type FaultRuleInput,
  type FaultTarget,
  faultChanceSchema,
  faultRuleSchema,
} from "./fault.ts";

/** Decides what goes wrong: a script first, chance after it. */
export interface FaultPlan {
  /** Appends rules. Each request takes the first rule that matches it and still has uses left. */
  script(rules: readonly FaultRuleInput[]): void;
  /** Replaces the chances. The same seed and the same order of requests give the same faults. */
  chance(chances: readonly FaultChanceInput[], seed: number): void;
  clear(): void;
  /** Uses of scripted rules that no request has taken yet. */
  readonly pending: number;
}

/** A plan with the side that the simulator asks. */
export interface FaultSource extends FaultPlan {
  next(target: FaultTarget): Fault | null;
}

type Filter = Pick<FaultRuleInput, "provider" | "model" | "path" | "key">;

export function faultPlan(): FaultSource {
  let script: { rule: Filter & { fault: Fault }; left: number }[] = [];
  let chances: (Filter & { fault: Fault; probability: number })[] = [];
  let random: SeededRandom = seededRandom(1);

  return {
    script(rules) {
      const parsed = rules.map((rule) => faultRuleSchema.parse(rule));
      if (script.length + parsed.length > simulatorLimits.faultRulesMax) {
        throw new SwitchyardError(
          "too_large",
          `a fault script has at most ${simulatorLimits.faultRulesMax} rules in wait`,
          {
            next: "Use `times`, or give the next rules once these are used up",
            details: { limit: simulatorLimits.faultRulesMax, waiting: script.length },
          },
        );
      }
      script.push(...parsed.map((rule) => ({ rule, left: rule.times })));
    },
    chance(next, seed) {
      chances = next.map((chance) => faultChanceSchema.parse(chance));
      random = seededRandom(seed);
    },
    clear() {
      script = [];
      chances = [];
    },
    get pending() {
      return script.reduce((sum, { left }) => sum + left, 0);
    },
    next(target) {
      const scripted = script.find(({ rule }) => matches(rule, target));
      if (scripted) {
        scripted.left -= 1;
        if (scripted.left === 0) script = script.filter((entry) => entry !== scripted);
        return scripted.rule.fault;
      }
      if (chances.length === 0) return null;
      // One draw a request, whatever matches, so that a run depends on the seed and the order alone.
      const drawn = random.fraction();
      let threshold = 0;
      for (const chance of chances) {
        if (!matches(chance, target)) continue;
        threshold += chance.probability;
        if (drawn < threshold) return chance.fault;
      }
      return null;
    },
  };
}

function matches(filter: Filter, target: FaultTarget): boolean {
  return (
    (filter.provider === undefined || filter.provider === target.provider) &&
    (filter.model === undefined || filter.model === target.model) &&
    (filter.key === undefined || filter.key === target.key) &&
    (filter.path === undefined || target.path.includes(filter.path))
  );
}
