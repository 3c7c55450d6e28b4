// Long computations stop for a moment every so often, so that a host can serve others in between.

/**
 * Called many times in each millisecond of computing. What it is called from keeps nothing that another verification could
 * change, so it may run others meanwhile.
 */
export type Pause = () => void;
