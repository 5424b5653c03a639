// Draws the explorer's curves after any of its widgets has changed.

let busy = false

export default (args, widget) => {
  if (busy) return // changing a widget here calls this function again
  busy = true
  try {
    const details = [args.setting, args.height, args.time, args.seeds]
    if (Object.values(args.sliders).includes(widget)) followSlider(args, widget)
    else if (!details.includes(widget)) fill(args) // another figure, or the page has just been opened
    moveSliders(args)
    draw(args)
    const sameAxes = [args.setting, args.seeds, ...Object.values(args.sliders)].includes(widget)
    if (!sameAxes) Object.values(args.plots).forEach((plot) => plot.reset.emit())
  } finally {
    busy = false
  }
}

// The runs of the chosen figure, as objects.
const runsOf = ({figure, runs}) => {
  const table = runs.data
  const rows = Array.from(table.figure.keys()).filter((row) => table.figure[row] === figure.value)
  return rows.map((row) => Object.fromEntries(Object.keys(table).map((name) => [name, table[name][row]])))
}

const isNumber = (value) => value !== null && !Number.isNaN(value)
const distinct = (values) => [...new Set(values)]
const inWords = (value) => Number(value.toPrecision(3)).toString()

// The label and settings of a run in words.
const settingOf = (args, run) => {
  const values = Object.keys(args.sliders).filter((name) => isNumber(run[name])).map((name) => `${name} = ${inWords(run[name])}`)
  return [run.label, ...values].join(", ")
}

// The values that a slider moves through.
const valuesOf = (args, name) => distinct(runsOf(args).map((run) => run[name]).filter(isNumber)).sort((a, b) => a - b)

// Fill the widgets with the choices of another figure.
const fill = (args) => {
  const runs = runsOf(args)
  const columns = args.points[args.figure.value].data
  const settings = distinct(runs.map((run) => settingOf(args, run)))
  choose(args.setting, settings.map((name) => [name, name]))
  choose(args.height, Object.keys(args.heights).filter((name) => Object.keys(args.heights[name]).some((c) => c in columns)).map((name) => [name, name]))
  choose(args.time, Object.keys(args.times).filter((name) => name in columns).map((name) => [name, args.times[name]]))
  const seeds = distinct(runs.map((run) => run.seed))
  args.seeds.labels = seeds.map((seed) => `seed ${seed}`)
  args.seeds.active = [...seeds.keys()]
  for (const [name, slider] of Object.entries(args.sliders)) {
    const values = valuesOf(args, name)
    slider.visible = values.length > 1
    slider.end = Math.max(values.length - 1, 1)
  }
}

const choose = (select, options) => {
  select.options = options
  if (!options.some(([value]) => value === select.value)) select.value = options[0][0]
}

// Choose the setting with the moved slider's value that is nearest to the other sliders' values.
const followSlider = (args, moved) => {
  const wanted = Object.fromEntries(Object.entries(args.sliders).map(([name, slider]) => [name, valuesOf(args, name)[slider.value]]))
  const changed = Object.keys(args.sliders).find((name) => args.sliders[name] === moved)
  const far = (run) => Object.keys(wanted).filter((name) => isNumber(run[name]) && wanted[name] > 0 && run[name] > 0)
    .reduce((sum, name) => sum + Math.abs(Math.log(run[name] / wanted[name])), 0)
  const near = runsOf(args).filter((run) => run[changed] === wanted[changed]).sort((a, b) => far(a) - far(b))
  args.setting.value = settingOf(args, near[0])
}

const moveSliders = (args) => {
  const chosen = runsOf(args).find((run) => settingOf(args, run) === args.setting.value)
  for (const [name, slider] of Object.entries(args.sliders)) {
    if (!isNumber(chosen[name])) continue
    slider.value = valuesOf(args, name).indexOf(chosen[name])
    slider.title = `${name} = ${inWords(chosen[name])}`
  }
}

const draw = (args) => {
  const names = args.heights[args.height.value]
  const columns = Object.keys(names)
  const seeds = distinct(runsOf(args).map((run) => run.seed))
  const data = args.points[args.figure.value].data
  const lines = {xs: [], ys: [], name: [], color: [], dash: [], opacity: [], width: [], setting: [], seed: []}
  const add = (line) => Object.entries(line).forEach(([name, value]) => lines[name].push(value))
  const shown = runsOf(args).filter((run) => args.seeds.active.includes(seeds.indexOf(run.seed)))
  const isChosen = (run) => settingOf(args, run) === args.setting.value
  for (const run of [...shown.filter((run) => !isChosen(run)), ...shown.filter(isChosen)]) {
    for (const [k, column] of columns.entries()) {
      if (!(column in data)) continue
      const ys = data[column].slice(run.first, run.end)
      if (!ys.some(isNumber)) continue
      const look = isChosen(run)
        ? {name: names[column], color: args.colors[k], opacity: 0.9, width: 2}
        : {name: "other settings", color: "#888888", opacity: 0.3, width: 1}
      add({xs: data[args.time.value].slice(run.first, run.end), ys, dash: args.dashes[k], setting: settingOf(args, run), seed: run.seed, ...look})
    }
  }
  args.drawn.data = lines
  const axisOfMarks = "log10_time" in data ? "log10_time" : "step"
  const marks = args.marks[args.figure.value].filter((mark) => columns.includes(mark.column))
  const onAxis = args.time.value === axisOfMarks ? marks : []
  args.known.data = {x: onAxis.map((mark) => mark.x), y: onAxis.map((mark) => mark.value)}
  const scale = (isLog) => (isLog ? "log" : "linear")
  const key = `${scale(args.log_times.includes(args.time.value))} ${scale(args.log_heights.includes(args.height.value))}`
  for (const [name, plot] of Object.entries(args.plots)) {
    plot.visible = name === key
    plot.below[0].axis_label = args.times[args.time.value]
    plot.left[0].axis_label = args.height.value
  }
}
