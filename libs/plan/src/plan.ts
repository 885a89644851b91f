// Plans as graphs: validation, order, depth, difference. Pure.
export { diffPlans, diffSignature, type PlanDiff } from './diff.ts'
export { dependsOn, depths, findCycle, topologicalOrder } from './graph.ts'
export { canonicalJson, planId } from './id.ts'
export { validatePlan } from './validate.ts'
