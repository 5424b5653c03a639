"""Stand-in for `grokking.figures.kinds`."""

KINDS = """diagonal_net matrix_completion modular_addition no_weight_decay delay_law work_precision flow_and_descent
generalisation sharp_classification sharp_regression lemmas kkt label_noise quadratic_dynamics preactivations
phase_sums fraction_and_width participation wave_activations learning_curves critical_fraction closed_form_start
ipr_and_accuracy sensitivity""".split()  # noqa: SIM905
