"""A teacher's kit: the student's file with blanks, the solution, and the tests.

kit      a network and the blanks in, three texts out
steps    the pass, step by step, and which of the steps are blank
task     what every file is written from
sheet    the functions and the pass of the student's file and of the solution
notes    conventions, and the functions that are given
numbers  values of the pass at random points
shown    the example that students have before them
exam     the tests
words    what students are told, in English and in Chinese
"""
