// Draws the explorer's curves after any of its widgets has changed.

let busy = false

export default (args, widget) => {
  if (busy) return // changing a widget here calls this function again
  busy = true
  try {
    const {setting, height, time, seeds} = args
    const [sliders, scales] = [Object.values(args.sliders), Object.values(args.scales)]
    if (sliders.includes(widget)) followSlider(args, widget)
    else if (widget === height) fillTimes(args)
    else if (![setting, time, seeds, ...scales].includes(widget)) fill(args) // another figure, or the page was opened
    const sameAxes = [setting, seeds, ...sliders].includes(widget)
    if (!sameAxes && !scales.includes(widget)) setScales(args)
    moveSliders(args)
    draw(args)
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

// The label and settings of a run in words; `names` are the settings that have sliders.
export const settingOf = (names, run) => {
  const values = names.filter((name) => isNumber(run[name])).map((name) => `${name} = ${inWords(run[name])}`)
  return [run.label, ...values].join(", ")
}

// The values that the slider of a setting moves through.
export const valuesOf = (runs, name) => distinct(runs.map((run) => run[name]).filter(isNumber)).sort((a, b) => a - b)

// Of the runs with the wanted value of the setting `moved`, the nearest to the other wanted values, as ratios.
export const nearest = (runs, wanted, moved) => {
  const far = (run) => Object.keys(wanted).filter((name) => isNumber(run[name]) && wanted[name] > 0 && run[name] > 0)
    .reduce((sum, name) => sum + Math.abs(Math.log(run[name] / wanted[name])), 0)
  return runs.filter((run) => run[moved] === wanted[moved]).sort((a, b) => far(a) - far(b))[0]
}

// The values that have a place on an axis, NaN for the others. Bokeh would begin a logarithmic axis with a 0 at 1.
export const placed = (values, log) => (log ? values.map((value) => (value > 0 ? value : NaN)) : values)

// Whether a line through these points is visible: at least two have a place on both axes.
export const isVisible = (xs, ys, logX, logY) => {
  const [x, y] = [placed(xs, logX), placed(ys, logY)]
  return Array.from(x.keys()).filter((k) => Number.isFinite(x[k]) && Number.isFinite(y[k])).length > 1
}

// The values of the paper to mark on an axis of times: steps on that of steps, log t on its own; elsewhere none.
export const marksOn = (time, times, columns, marks) => {
  const axis = times.includes("log10_time") ? "log10_time" : "step"
  return time === axis ? marks.filter((mark) => columns.includes(mark.column)) : []
}

const pointsOf = (marks) => ({x: marks.map((mark) => mark.x), y: marks.map((mark) => mark.value)})

// The horizontal axes on which a run of the chosen figure is visible, for a vertical axis.
const timesOf = (args, height) => {
  const data = args.points[args.figure.value].data
  const columns = Object.keys(args.heights[height]).filter((column) => column in data)
  const logY = args.log_heights.includes(height)
  return Object.keys(args.times).filter((time) => {
    const logX = args.log_times.includes(time)
    const seen = (run) => columns.some((column) => isVisible(part(data, time, run), part(data, column, run), logX, logY))
    return time in data && runsOf(args).some(seen)
  })
}

const part = (data, column, run) => data[column].slice(run.first, run.end)

// Fill the widgets with the choices of another figure.
const fill = (args) => {
  const runs = runsOf(args)
  const names = Object.keys(args.sliders)
  const columns = args.points[args.figure.value].data
  choose(args.setting, distinct(runs.map((run) => settingOf(names, run))))
  const heights = Object.keys(args.heights)
  const drawn = heights.filter((height) => Object.keys(args.heights[height]).some((column) => column in columns))
  choose(args.height, orAll(drawn.filter((height) => timesOf(args, height).length), drawn))
  fillTimes(args)
  args.time.value = bestTime(args.time.options.map(([time]) => time))
  const seeds = distinct(runs.map((run) => run.seed))
  args.seeds.labels = seeds.map((seed) => `seed ${seed}`)
  args.seeds.active = [...seeds.keys()]
  for (const [name, slider] of Object.entries(args.sliders)) {
    const values = valuesOf(runs, name)
    slider.visible = values.length > 1
    slider.end = Math.max(values.length - 1, 1)
  }
}

// Offer the horizontal axes on which the chosen vertical axis has a curve.
const fillTimes = (args) => {
  const times = Object.keys(args.times).filter((time) => time in args.points[args.figure.value].data)
  choose(args.time, orAll(timesOf(args, args.height.value), times), args.times)
}

// The horizontal axis on which a figure is first shown: log t if its times are larger than any number of steps.
export const bestTime = (times) => (times.includes("log10_time") ? "log10_time" : times[0])

// The scales that suit the chosen axes.
const setScales = ({scales, log_times, log_heights, time, height}) => {
  scales.x.active = log_times.includes(time.value) ? 0 : 1
  scales.y.active = log_heights.includes(height.value) ? 0 : 1
}

const isLog = (buttons) => buttons.active === 0

// A figure of zeros alone on a logarithmic axis has empty axes.
const orAll = (visible, all) => (visible.length ? visible : all)

const choose = (select, values, labels = {}) => {
  select.options = values.map((value) => [value, labels[value] ?? value])
  if (!values.includes(select.value)) select.value = values[0]
}

const followSlider = (args, moved) => {
  const runs = runsOf(args)
  const names = Object.keys(args.sliders)
  const wanted = Object.fromEntries(names.map((name) => [name, valuesOf(runs, name)[args.sliders[name].value]]))
  const changed = names.find((name) => args.sliders[name] === moved)
  args.setting.value = settingOf(names, nearest(runs, wanted, changed))
}

const chosenOf = (args) =>
  runsOf(args).find((run) => settingOf(Object.keys(args.sliders), run) === args.setting.value)

const moveSliders = (args) => {
  const [runs, chosen] = [runsOf(args), chosenOf(args)]
  for (const [name, slider] of Object.entries(args.sliders)) {
    if (!isNumber(chosen[name])) continue
    slider.value = valuesOf(runs, name).indexOf(chosen[name])
    slider.title = `${name} = ${inWords(chosen[name])}`
  }
}

const draw = (args) => {
  const data = args.points[args.figure.value].data
  const [time, height] = [args.time.value, args.height.value]
  args.drawn.data = linesOf(args, data)
  const marks = marksOn(time, Object.keys(data), Object.keys(args.heights[height]), args.marks[args.figure.value])
  const own = ({experiment}) => experiment === chosenOf(args).experiment
  args.known.data = pointsOf(marks.filter(own))
  args.others.data = pointsOf(marks.filter((mark) => !own(mark)))
  const [x, y] = [args.scales.x, args.scales.y].map((buttons) => (isLog(buttons) ? "log" : "linear"))
  const key = `${x} ${y}`
  for (const [name, plot] of Object.entries(args.plots)) {
    plot.visible = name === key
    plot.below[0].axis_label = args.times[time]
    plot.left[0].axis_label = height
  }
}

// The lines of the shown seeds, column by column; those of the chosen setting come last, on top.
const linesOf = (args, data) => {
  const names = args.heights[args.height.value]
  const runs = runsOf(args)
  const seeds = distinct(runs.map((run) => run.seed))
  const shown = runs.filter((run) => args.seeds.active.includes(seeds.indexOf(run.seed)))
  const inSetting = (run) => settingOf(Object.keys(args.sliders), run)
  const isChosen = (run) => inSetting(run) === args.setting.value
  const lines = {xs: [], ys: [], name: [], color: [], dash: [], opacity: [], width: [], setting: [], seed: []}
  const add = (line) => Object.entries(line).forEach(([name, value]) => lines[name].push(value))
  for (const run of [...shown.filter((run) => !isChosen(run)), ...shown.filter(isChosen)]) {
    for (const [k, column] of Object.keys(names).entries()) {
      if (!(column in data)) continue
      const ys = part(data, column, run)
      if (!ys.some(isNumber)) continue
      const look = isChosen(run)
        ? {name: names[column], color: args.colors[k], opacity: 0.9, width: 2}
        : {name: "other settings", color: args.grey, opacity: 0.3, width: 1}
      const xs = placed(part(data, args.time.value, run), isLog(args.scales.x))
      add({xs, ys: placed(ys, isLog(args.scales.y)), dash: args.dashes[k], setting: inSetting(run), seed: run.seed, ...look})
    }
  }
  return lines
}
