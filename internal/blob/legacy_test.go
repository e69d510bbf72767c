package blob

// legacyVectors are blobs as the 32-bit mYm wrote them: counts, lengths and
// extents have 32 bits. DataJoint for Python reads them where its use_32bit_dims
// is set, and packed these with uint32 in the place of uint64.
var legacyVectors = []golden{
	{
		"np.array([[1.,2.,3.]]) in 32 bits",
		"6d596d00410200000001000000030000000600000000000000000000000000f03f000000000000004000000000000008" +
			"40",
		Array[float64]{[]int{1, 3}, []float64{1, 2, 3}}, whyWide,
	},
	{
		"np.array([[1,2],[3,4]],'int16') in 32 bits",
		"6d596d00410200000002000000020000000a000000000000000100030002000400",
		Array[int16]{[]int{2, 2}, []int16{1, 2, 3, 4}}, whyWide,
	},
	{
		"np.array([[1j]],'complex64') in 32 bits",
		"6d596d00410200000001000000010000000700000001000000000000000000803f",
		Array[complex64]{[]int{1, 1}, []complex64{1i}}, whyWide,
	},
	{
		"np.zeros((0,0)) in 32 bits",
		"6d596d00410200000000000000000000000600000000000000",
		Array[float64]{[]int{0, 0}, []float64{}}, whyWide,
	},
	{
		"cell([np.zeros((0,0)),np.array([[b'h',b'i']],'S1')],1,2) in 32 bits",
		"6d596d004302000000010000000200000015000000410200000000000000000000000600000000000000190000004102" +
			"0000000100000002000000040000000000000068006900",
		CellArray{[]int{1, 2}, []any{Array[float64]{[]int{0, 0}, []float64{}}, "hi"}}, whyWide,
	},
	{
		"cell([cell([],0,0)],1,1) in 32 bits",
		"6d596d00430200000001000000010000000d00000043020000000000000000000000",
		CellArray{[]int{1, 1}, []any{CellArray{[]int{0, 0}, []any{}}}}, whyWide,
	},
	{
		"struct_(['a','b'],[(np.array([[True]]),np.array([[2,3]],'u1'))],1,1) in 32 bits",
		"6d596d005302000000010000000100000002000000610062001600000041020000000100000001000000030000000000" +
			"000001170000004102000000010000000200000009000000000000000203",
		StructArray{[]int{1, 1}, []string{"a", "b"}, [][]any{{Array[bool]{[]int{1, 1}, []bool{true}}, Array[uint8]{[]int{1, 2}, []uint8{2, 3}}}}}, whyWide,
	},
	{
		"np.zeros((1,200)) in 32 bits",
		"5a4c3132330059060000789ccb8dcc6570646260606004e21340ccc6300a46c1281805a36014900f0062500246",
		Array[float64]{[]int{1, 200}, make([]float64, 200)}, whyWide,
	},
	{
		"cell([],1,0) in 32 bits", "6d596d0043020000000100000000000000", CellArray{[]int{1, 0}, []any{}}, whyWide,
	},
	{
		"struct_([],[()],1,1) in 32 bits", "6d596d005302000000010000000100000000000000", StructArray{Shape: []int{1, 1}}, whyWide,
	},
}
